/*
 * Helper of the tests: shows all that a process inherits, and starts one with an odd inheritance.
 *
 *   state show OUT [ARG...]        writes the whole inherited state to the file OUT and exits 0
 *   state exit N                   exits with status N
 *   state die N                    dies of signal N, default disposition
 *   state listen FD                writes "ready PID" to FD, then "got N" for each TERM, HUP, USR1,
 *                                  USR2, CONT and WINCH, for ever
 *   state with SETTING... -- PATH ARG...
 *                                  execves PATH after the settings:
 *     close=FD  open=FD  nonblock=FD  ignore=SIGNAL  default=SIGNAL  block=SIGNAL
 *     pending=SIGNAL (blocked and raised)  env=HEX (one entry, in order, else none)
 *     umask=OCTAL  nice=N  nofile=N  alarm=SECONDS
 *
 * `show` first reads everything into memory and then opens OUT above all descriptors that it
 * looked at, so that the report needs no descriptor of its own.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <termios.h>
#include <unistd.h>

extern char **environ;

/* What the kernel keeps of a disposition; the C library hides two of the signals. */
struct kernel_action {
    void *handler;
    unsigned long flags;
    void *restorer;
    unsigned long mask;
};

static char report[1 << 20];
static size_t used;

static void say(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    used += (size_t)vsnprintf(report + used, sizeof report - used, format, values);
    va_end(values);
}

static void say_hex(const char *label, int number, const char *text)
{
    say("%s %d ", label, number);
    for (; *text; text++)
        say("%02x", (unsigned char)*text);
    say("\n");
}

static void say_descriptors(void)
{
    for (int fd = 0; fd < 256; fd++) {
        struct stat about;
        if (fstat(fd, &about) != 0)
            continue;
        say("fd %d device %lx inode %lu mode %o rdev %lx flags %x status %x offset %ld\n", fd,
            (unsigned long)about.st_dev, (unsigned long)about.st_ino, about.st_mode,
            (unsigned long)about.st_rdev, fcntl(fd, F_GETFD), fcntl(fd, F_GETFL),
            (long)lseek(fd, 0, SEEK_CUR));
    }
}

static void say_signals(void)
{
    unsigned long set = 0;
    for (int signal = 1; signal <= 64; signal++) {
        struct kernel_action action = { 0 };
        if (syscall(SYS_rt_sigaction, signal, NULL, &action, 8) == 0)
            say("signal %d handler %lx flags %lx mask %lx\n", signal, (unsigned long)action.handler,
                action.flags, action.mask);
    }
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &set, 8);
    say("mask %lx\n", set);
    syscall(SYS_rt_sigpending, &set, 8);
    say("pending %lx\n", set);
    stack_t stack;
    sigaltstack(NULL, &stack);
    say("altstack flags %d\n", stack.ss_flags);
}

static void say_process(void)
{
    char cwd[PATH_MAX];
    char line[512];
    struct itimerval timer;
    struct rusage children;
    cpu_set_t processors;
    struct sched_param priority;

    say("pid %d parent %d group %d session %d\n", getpid(), getppid(), getpgrp(), getsid(0));
    say("uid %d %d gid %d %d\n", getuid(), geteuid(), getgid(), getegid());
    for (int fd = 0; fd < 3; fd++) {
        struct termios modes;
        say("foreground of %d: %d\n", fd, tcgetpgrp(fd));
        if (tcgetattr(fd, &modes) == 0)
            say("terminal %d modes %x %x %x %x\n", fd, modes.c_iflag, modes.c_oflag, modes.c_cflag,
                modes.c_lflag);
    }
    say("cwd %s\n", getcwd(cwd, sizeof cwd) ? cwd : "?");
    mode_t mask = umask(0);
    umask(mask);
    say("umask %o\n", mask);
    for (int limit = 0; limit < RLIM_NLIMITS; limit++) {
        struct rlimit values;
        if (getrlimit(limit, &values) == 0)
            say("limit %d %lx %lx\n", limit, values.rlim_cur, values.rlim_max);
    }
    say("nice %d policy %d\n", getpriority(PRIO_PROCESS, 0), sched_getscheduler(0));
    sched_getparam(0, &priority);
    CPU_ZERO(&processors);
    sched_getaffinity(0, sizeof processors, &processors);
    say("priority %d processors %d\n", priority.sched_priority, CPU_COUNT(&processors));
    getitimer(ITIMER_REAL, &timer);
    say("alarm %s\n", timer.it_value.tv_sec || timer.it_value.tv_usec ? "set" : "none");
    int death = 0;
    prctl(PR_GET_PDEATHSIG, &death);
    say("death signal %d dumpable %d privileges %d subreaper ", death, prctl(PR_GET_DUMPABLE),
        prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    prctl(PR_GET_CHILD_SUBREAPER, &death);
    say("%d\n", death);
    /* Survives execve: a process that was started and waited for leaves its page faults here. */
    getrusage(RUSAGE_CHILDREN, &children);
    say("children's faults %ld\n", children.ru_minflt + children.ru_majflt);
    char name[32] = { 0 };
    prctl(PR_GET_NAME, name);
    say("name %s\n", name);
    FILE *status = fopen("/proc/self/status", "re");
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, "Cap", 3) == 0 || strncmp(line, "Groups", 6) == 0 ||
            strncmp(line, "Threads", 7) == 0 || strncmp(line, "Seccomp:", 8) == 0)
            say("%s", line);
}

static int show(int argc, char **argv)
{
    say_descriptors();
    for (int i = 0; i < argc; i++)
        say_hex("argument", i, argv[i]);
    for (int i = 0; environ[i]; i++)
        say_hex("environment", i, environ[i]);
    say_signals();
    say_process();
    int low = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int out = fcntl(low, F_DUPFD_CLOEXEC, 256);
    return write(out, report, used) == (ssize_t)used ? 0 : 1;
}

static _Noreturn void listen_for_signals(int fd)
{
    sigset_t set;
    sigemptyset(&set);
    int each[] = { SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGCONT, SIGWINCH };
    for (size_t i = 0; i < sizeof each / sizeof *each; i++)
        sigaddset(&set, each[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    dprintf(fd, "ready %d\n", getpid());
    for (;;) {
        int got = sigwaitinfo(&set, NULL);
        if (got > 0)
            dprintf(fd, "got %d\n", got);
    }
}

static void block(int signal)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

static char *unhex(const char *hex)
{
    char *text = calloc(strlen(hex) / 2 + 1, 1);
    for (size_t i = 0; hex[2 * i] && hex[2 * i + 1]; i++) {
        unsigned int byte;
        sscanf(hex + 2 * i, "%2x", &byte);
        text[i] = (char)byte;
    }
    return text;
}

static void set(const char *setting, char **variables, int *n_variables)
{
    const char *value = strchr(setting, '=') + 1;
    int number = atoi(value);
#define IS(name) (strncmp(setting, name "=", strlen(name) + 1) == 0)
    if (IS("close"))
        close(number);
    else if (IS("open"))
        dup2(open("/dev/zero", O_RDWR), number);
    else if (IS("nonblock"))
        fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK);
    else if (IS("ignore"))
        signal(number, SIG_IGN);
    else if (IS("default"))
        signal(number, SIG_DFL);
    else if (IS("block"))
        block(number);
    else if (IS("pending"))
        block(number), raise(number);
    else if (IS("env"))
        variables[(*n_variables)++] = unhex(value);
    else if (IS("umask"))
        umask((mode_t)strtol(value, NULL, 8));
    else if (IS("nice"))
        setpriority(PRIO_PROCESS, 0, number);
    else if (IS("nofile"))
        setrlimit(RLIMIT_NOFILE, &(struct rlimit){ (rlim_t)number, (rlim_t)number });
    else if (IS("alarm"))
        alarm((unsigned int)number);
    else
        exit(99);
#undef IS
}

static int with(char **settings)
{
    static char *variables[64];
    int n_variables = 0;
    while (*settings && strcmp(*settings, "--") != 0)
        set(*settings++, variables, &n_variables);
    execve(settings[1], settings + 1, variables);
    return 98;
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "show") == 0)
        return show(argc, argv);
    if (argc > 2 && strcmp(argv[1], "exit") == 0)
        return atoi(argv[2]);
    if (argc > 2 && strcmp(argv[1], "die") == 0)
        return raise(atoi(argv[2]));
    if (argc > 2 && strcmp(argv[1], "listen") == 0)
        listen_for_signals(atoi(argv[2]));
    if (argc > 3 && strcmp(argv[1], "with") == 0)
        return with(argv + 2);
    return 97;
}
