//! The syntax tree of a shell text. Spans are bytes of that text.
//!
//! It keeps what decides which programs run with which words, and drops the rest: connectors and
//! conditions are lists to walk, not things to evaluate.

use crate::line::Span;

/// A whole text.
#[derive(Debug, Default)]
pub(in crate::line) struct Script {
    /// The commands in order.
    pub(in crate::line) list: List,
    /// The functions that it defines, wherever they stand.
    pub(in crate::line) functions: Vec<Function>,
    /// The here-documents, in the order of their redirects.
    pub(in crate::line) documents: Vec<Document>,
    /// Where the first command begins that the grammar does not take.
    pub(in crate::line) unparsed_from: Option<usize>,
}

/// Commands one after another.
pub(in crate::line) type List = Vec<AndOr>;

/// Pipelines joined by `&&` and `||`.
#[derive(Debug)]
pub(in crate::line) struct AndOr {
    /// The pipelines; never empty.
    pub(in crate::line) pipelines: Vec<Pipeline>,
}

/// Commands joined by `|`.
#[derive(Debug)]
pub(in crate::line) struct Pipeline {
    /// The commands; none for a lone `!` or `time`.
    pub(in crate::line) commands: Vec<Command>,
}

/// One command with its redirects.
#[derive(Debug)]
pub(in crate::line) struct Command {
    /// What it is.
    pub(in crate::line) kind: Kind,
    /// Its redirects in order.
    pub(in crate::line) redirects: Vec<Redirect>,
    /// Where it stands.
    pub(in crate::line) span: Span,
}

/// What a command is.
#[derive(Debug)]
pub(in crate::line) enum Kind {
    /// A program call, or assignments alone.
    Simple(Simple),
    /// `( … )`: changes of variables stay inside.
    Subshell(List),
    /// `{ …; }`.
    Group(List),
    /// `if` and `while`/`until`: lists of which each may or may not run.
    Branches(Vec<List>),
    /// `for` and `select`.
    For {
        /// The variable; empty for `for ((…))`.
        variable: Span,
        /// The words after `in`; `None` for the positional parameters.
        words: Option<Vec<RawWord>>,
        /// What is repeated.
        body: List,
    },
    /// `case`.
    Case {
        /// The word that is compared, and all patterns.
        words: Vec<RawWord>,
        /// What each pattern runs.
        bodies: Vec<List>,
    },
    /// `[[ … ]]`: only substitutions in its words run anything.
    Test(Vec<RawWord>),
    /// `(( … ))`.
    Arithmetic {
        /// Its text, with substitutions.
        parts: Vec<Part>,
        /// The same text as shells without arithmetic commands read it: two subshells.
        as_subshell: List,
    },
    /// The definition of a function; its body is in [`Script::functions`].
    Definition,
    /// `coproc`.
    Coprocess(Box<Command>),
}

/// A program call, or assignments alone.
#[derive(Debug, Default)]
pub(in crate::line) struct Simple {
    /// The assignments before the program.
    pub(in crate::line) assignments: Vec<Assignment>,
    /// The program and its arguments.
    pub(in crate::line) words: Vec<RawWord>,
}

/// `NAME=value`.
#[derive(Debug)]
pub(in crate::line) struct Assignment {
    /// The name, without a subscript.
    pub(in crate::line) name: Span,
    /// The value.
    pub(in crate::line) value: RawWord,
    /// What stands between the brackets of a subscript.
    pub(in crate::line) subscript: Vec<Part>,
}

/// A function.
#[derive(Debug)]
pub(in crate::line) struct Function {
    /// Its name.
    pub(in crate::line) name: Span,
    /// What it runs.
    pub(in crate::line) body: Command,
}

/// One redirect.
#[derive(Debug)]
pub(in crate::line) struct Redirect {
    /// What it does.
    pub(in crate::line) kind: RedirectKind,
    /// The word after the operator.
    pub(in crate::line) word: RawWord,
    /// The whole of it.
    pub(in crate::line) span: Span,
    /// Whether it is of standard input or output, not of another descriptor.
    pub(in crate::line) is_standard: bool,
}

/// What a redirect does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::line) enum RedirectKind {
    /// `<`
    Read,
    /// `>`, `>>`, `>|`, `&>`, `&>>`, `<>`
    Write,
    /// `>&`, `<&`: a descriptor, or a file after `>&`.
    Duplicate {
        /// Whether it is `>&`.
        output: bool,
    },
    /// `<<`, `<<-`, with the number of the document.
    Document(usize),
    /// `<<<`
    HereString,
}

/// A here-document.
#[derive(Debug, Default)]
pub(in crate::line) struct Document {
    /// Its text, quotes literal; all literal where the delimiter was quoted.
    pub(in crate::line) parts: Vec<Part>,
    /// Where its text stands.
    pub(in crate::line) span: Span,
}

/// A word as typed.
#[derive(Debug, Default)]
pub(in crate::line) struct RawWord {
    /// Its parts in order.
    pub(in crate::line) parts: Vec<Part>,
    /// Where it stands.
    pub(in crate::line) span: Span,
}

/// A part of a word.
#[derive(Debug)]
pub(in crate::line) enum Part {
    /// Text without quotes: `*`, `{a,b}` and `~` mean something in it.
    Literal(Span),
    /// Text that means itself, quotes not included.
    Quoted(Span),
    /// A backslash and the character that it quotes.
    Escape(Span),
    /// What stands between `$'` and `'`.
    Ansi(Span),
    /// `"…"`.
    Double(Vec<Part>),
    /// `$x`, `${x…}`.
    Parameter(Box<Parameter>),
    /// `$(…)` and bash 5.3 `${ …; }`.
    Substitution {
        /// What it runs.
        list: List,
        /// The whole of it.
        span: Span,
    },
    /// Text between backticks, escapes not yet taken away.
    Backtick {
        /// The text.
        text: Span,
        /// Backticks included.
        span: Span,
    },
    /// `$((…))`, `$[…]`.
    Arithmetic {
        /// Its text, with substitutions.
        parts: Vec<Part>,
        /// The whole of it.
        span: Span,
    },
    /// `<(…)`, `>(…)`.
    Process {
        /// What it runs.
        list: List,
        /// The whole of it.
        span: Span,
    },
    /// The words of `NAME=(…)`.
    Array {
        /// The words.
        words: Vec<RawWord>,
        /// Parentheses included.
        span: Span,
    },
}

/// `$x`, `${x…}`.
#[derive(Debug)]
pub(in crate::line) struct Parameter {
    /// The name, a digit or a special character; empty where it is none of them.
    pub(in crate::line) name: Span,
    /// What is done with its value.
    pub(in crate::line) operator: Operator,
    /// The text after the operator.
    pub(in crate::line) operand: Vec<Part>,
    /// The whole of it.
    pub(in crate::line) span: Span,
}

/// What is done with a parameter's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::line) enum Operator {
    /// Nothing.
    None,
    /// `-`, `:-`, `=`, `:=`: the operand where it is unset (or empty, with the colon).
    Default {
        /// Whether an empty value counts as unset.
        colon: bool,
    },
    /// `+`, `:+`: the operand where it is set.
    Alternative {
        /// Whether an empty value counts as unset.
        colon: bool,
    },
    /// Anything else: the value is not known.
    Other,
}
