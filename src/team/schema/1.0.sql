-- The team's store, version 1.0. Run in one transaction, as kanmon_owner, in the schema `kanmon`.
--
-- Plain SQL and PL/pgSQL; no extension. A host's role may call the functions that are granted to
-- kanmon_host below and nothing else: they run as kanmon_owner, with a search path of their own, and
-- know the host by its login (session_user), which no `SET ROLE` changes.
--
-- session_user is a `name`, whose collation is another one than that of a text column: compared as it is, no
-- index is used. In SQL it is therefore written `session_user::text COLLATE "default"`; a variable of
-- PL/pgSQL has that collation by itself. A test counts the rows that are read.

CREATE TABLE kanmon.meta (
    only_one integer PRIMARY KEY CHECK (only_one = 1),
    major    integer NOT NULL,
    minor    integer NOT NULL
);

-- Each ledger of a host is a chain of records of its own.
CREATE TABLE kanmon.chain (
    host       text NOT NULL,
    chain      text NOT NULL,
    first_seq  bigint NOT NULL,
    first_prev bytea NOT NULL,
    seq        bigint NOT NULL,
    hash       bytea NOT NULL,
    newest     timestamptz NOT NULL,
    PRIMARY KEY (host, chain)
);

-- What hosts recorded, as they recorded it. Only ever added to.
CREATE TABLE kanmon.record (
    host    text NOT NULL,
    chain   text NOT NULL,
    seq     bigint NOT NULL,
    run     text NOT NULL,
    kind    text NOT NULL,
    utc     text NOT NULL,
    boot_ns bigint NOT NULL,
    boot_id text NOT NULL,
    body    text NOT NULL,
    prev    bytea NOT NULL,
    hash    bytea NOT NULL,
    arrived timestamptz NOT NULL,
    PRIMARY KEY (host, chain, seq)
);
CREATE INDEX record_run ON kanmon.record (run, host);

-- What the records say of runs, so that a question is answered quickly; times by this server's clock.
CREATE TABLE kanmon.run (
    host    text NOT NULL,
    run     text NOT NULL,
    chain   text NOT NULL,
    person  text NOT NULL,
    drill   boolean NOT NULL,
    opened  timestamptz NOT NULL,
    claimed timestamptz,
    cleared timestamptz,
    ended   timestamptz,
    over    timestamptz,
    well    boolean,
    PRIMARY KEY (host, run)
);
-- Those that are not over, of which a host says whether they still live.
CREATE INDEX run_open ON kanmon.run (host, chain) WHERE over IS NULL;
CREATE INDEX run_now ON kanmon.run (opened) WHERE over IS NULL;

-- Each rule and target of a run. States: 0 asked, 1 about to be cleared, 2 under way, 3 over.
CREATE TABLE kanmon.run_rule (
    rule   text NOT NULL,
    target text NOT NULL,
    host   text NOT NULL,
    run    text NOT NULL,
    state  smallint NOT NULL,
    at     timestamptz NOT NULL,
    bound  text NOT NULL,
    PRIMARY KEY (host, run, rule, target)
);
CREATE INDEX run_rule_over ON kanmon.run_rule (rule, target, at) WHERE state = 3;
CREATE INDEX run_rule_over_any ON kanmon.run_rule (rule, at) WHERE state = 3;
CREATE INDEX run_rule_now ON kanmon.run_rule (rule, target) WHERE state IN (1, 2);

-- One row a rule; whoever is about to clear a run holds its rows.
CREATE TABLE kanmon.rule_lock (
    rule text PRIMARY KEY
);

CREATE FUNCTION kanmon.never() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'records are never changed and never removed';
END $$;
CREATE TRIGGER record_stays BEFORE UPDATE OR DELETE ON kanmon.record
    FOR EACH ROW EXECUTE FUNCTION kanmon.never();

-- Returns the version of the tables.
CREATE FUNCTION kanmon.version(OUT major integer, OUT minor integer)
LANGUAGE sql SECURITY DEFINER STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT major, minor FROM kanmon.meta
$$;

-- Returns the end of a chain of the caller's, nothing where it is new, and keeps others from adding to
-- it until the transaction ends.
CREATE FUNCTION kanmon.chain_head(p_chain text) RETURNS TABLE (seq bigint, hash bytea)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT seq, hash FROM kanmon.chain
    WHERE host = session_user::text COLLATE "default" AND chain = p_chain FOR UPDATE
$$;

-- Adds a record to a chain of the caller's. Returns whether it is new; one that is there already with
-- another hash, or does not follow the last one, is refused.
CREATE FUNCTION kanmon.add_record(
    p_chain text, p_seq bigint, p_run text, p_kind text, p_utc text, p_boot_ns bigint,
    p_boot_id text, p_body text, p_prev bytea, p_hash bytea, p_age_ms bigint, p_well boolean,
    p_person text, p_drill boolean, p_rules text[], p_targets text[], p_bounds text[]
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_host text := session_user;
    v_now timestamptz := clock_timestamp();
    v_at timestamptz := v_now - greatest(p_age_ms, 0) * interval '1 millisecond';
    v_seq bigint;
    v_hash bytea;
    v_drill boolean;
BEGIN
    SELECT c.seq, c.hash INTO v_seq, v_hash FROM kanmon.chain c
        WHERE c.host = v_host AND c.chain = p_chain FOR UPDATE;
    IF v_seq IS NULL THEN
        -- Another gate of the same ledger may begin the chain at this moment: it is waited for.
        INSERT INTO kanmon.chain (host, chain, first_seq, first_prev, seq, hash, newest)
            VALUES (v_host, p_chain, p_seq, p_prev, p_seq - 1, p_prev, v_now)
            ON CONFLICT (host, chain) DO NOTHING;
        SELECT c.seq, c.hash INTO v_seq, v_hash FROM kanmon.chain c
            WHERE c.host = v_host AND c.chain = p_chain FOR UPDATE;
    END IF;
    IF p_seq <= v_seq THEN
        PERFORM 1 FROM kanmon.record r
            WHERE r.host = v_host AND r.chain = p_chain AND r.seq = p_seq AND r.hash = p_hash;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'record % of chain % is another one here', p_seq, p_chain
                USING ERRCODE = 'KM001';
        END IF;
        RETURN false;
    ELSIF p_seq <> v_seq + 1 OR p_prev <> v_hash THEN
        RAISE EXCEPTION 'record % of chain % does not follow record %', p_seq, p_chain, v_seq
            USING ERRCODE = 'KM001';
    ELSE
        UPDATE kanmon.chain c SET seq = p_seq, hash = p_hash, newest = v_now
            WHERE c.host = v_host AND c.chain = p_chain;
    END IF;
    INSERT INTO kanmon.record
        (host, chain, seq, run, kind, utc, boot_ns, boot_id, body, prev, hash, arrived)
        VALUES (v_host, p_chain, p_seq, p_run, p_kind, p_utc, p_boot_ns, p_boot_id, p_body,
                p_prev, p_hash, v_now);
    IF p_kind = 'opened' THEN
        INSERT INTO kanmon.run (host, run, chain, person, drill, opened)
            VALUES (v_host, p_run, p_chain, p_person, p_drill, v_at)
            ON CONFLICT (host, run) DO NOTHING;
        INSERT INTO kanmon.run_rule (rule, target, host, run, state, at, bound)
            SELECT p_rules[i], p_targets[i], v_host, p_run, 0, v_at, p_bounds[i]
            FROM generate_subscripts(p_rules, 1) AS i
            ON CONFLICT (host, run, rule, target) DO NOTHING;
        RETURN true;
    END IF;
    SELECT r.drill INTO v_drill FROM kanmon.run r
        WHERE r.host = v_host AND r.run = p_run AND r.chain = p_chain;
    IF v_drill IS NULL THEN
        -- Its beginning was recorded before the chain was known here, or it is no run.
        RETURN true;
    END IF;
    -- Nothing of a run lies before what is known of it: a host does not end its run in the past.
    v_at := greatest(v_at, (SELECT greatest(r.opened, r.cleared) FROM kanmon.run r
        WHERE r.host = v_host AND r.run = p_run));
    IF p_kind IN ('cleared', 'noted', 'broken-glass') THEN
        UPDATE kanmon.run r SET cleared = v_at WHERE r.host = v_host AND r.run = p_run;
        UPDATE kanmon.run_rule r SET state = 2, at = v_at
            WHERE r.host = v_host AND r.run = p_run AND NOT v_drill;
    ELSIF p_kind IN ('ended', 'not-started') THEN
        UPDATE kanmon.run r SET ended = v_at, over = v_at, well = p_well
            WHERE r.host = v_host AND r.run = p_run;
        UPDATE kanmon.run_rule r SET state = 3, at = v_at
            WHERE r.host = v_host AND r.run = p_run AND r.state IN (1, 2);
    ELSIF p_kind IN ('not-cleared', 'drilled') THEN
        UPDATE kanmon.run r SET over = v_at WHERE r.host = v_host AND r.run = p_run;
        UPDATE kanmon.run_rule r SET state = 0
            WHERE r.host = v_host AND r.run = p_run AND r.state = 1;
    END IF;
    RETURN true;
END $$;

-- Returns the runs of a chain of the caller's that are not over.
CREATE FUNCTION kanmon.open_runs(p_chain text) RETURNS TABLE (run text, is_cleared boolean)
LANGUAGE sql SECURITY DEFINER STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT run, cleared IS NOT NULL FROM kanmon.run
    WHERE host = session_user::text COLLATE "default" AND chain = p_chain AND over IS NULL
$$;

-- Says that a run of the caller's is over though no record says so: its gate and its command are gone.
CREATE FUNCTION kanmon.settle(p_chain text, p_run text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_host text := session_user;
    v_cleared timestamptz;
BEGIN
    UPDATE kanmon.run r SET over = clock_timestamp()
        WHERE r.host = v_host AND r.run = p_run AND r.chain = p_chain AND r.over IS NULL
        RETURNING r.cleared INTO v_cleared;
    IF FOUND THEN
        UPDATE kanmon.run_rule r
            SET state = CASE WHEN v_cleared IS NULL THEN 0 ELSE 3 END
            WHERE r.host = v_host AND r.run = p_run AND r.state IN (1, 2);
    END IF;
END $$;

-- Keeps everybody else from clearing a run of these rules until the transaction ends.
CREATE FUNCTION kanmon.lock_rules(p_rules text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO kanmon.rule_lock (rule)
        SELECT DISTINCT r FROM unnest(p_rules) AS r ORDER BY r
        ON CONFLICT (rule) DO NOTHING;
    PERFORM 1 FROM kanmon.rule_lock l WHERE l.rule = ANY (p_rules) ORDER BY l.rule FOR UPDATE;
END $$;

-- Returns the runs of a rule, at these targets or (null) at any, that are under way, about to be, or
-- ended less than so long ago; the newest first; runs of the caller's that lie around its own, and its own, left out. Of
-- what other hosts ran at a target it is the newest: where that one stands in nobody's way, no older one does.
CREATE FUNCTION kanmon.recent(p_rule text, p_targets text[], p_within_ms bigint, p_around text[])
RETURNS TABLE (run text, host text, person text, target text, ago_ms bigint, is_under_way boolean)
-- PL/pgSQL plans with the values, so that of the branches of `found` only those that are meant are left; what
-- is compiled for a large estimate takes longer than the answer.
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    v_host text := session_user;
    v_now timestamptz := clock_timestamp();
    v_claimed timestamptz := v_now - interval '60 seconds';
    v_over timestamptz := v_now - p_within_ms * interval '1 millisecond';
BEGIN
    RETURN QUERY
    WITH found AS (
        SELECT n.run, n.host, n.target, n.at, true AS is_now FROM kanmon.run_rule n
            WHERE n.rule = p_rule AND n.target = ANY (p_targets)
              AND n.state IN (1, 2) AND (n.state = 2 OR n.at > v_claimed)
        UNION ALL
        SELECT n.run, n.host, n.target, n.at, true FROM kanmon.run_rule n
            WHERE n.rule = p_rule AND p_targets IS NULL
              AND n.state IN (1, 2) AND (n.state = 2 OR n.at > v_claimed)
        UNION ALL
        SELECT o.run, o.host, o.target, o.at, false FROM kanmon.run_rule o
            WHERE o.rule = p_rule AND o.target = ANY (p_targets) AND o.state = 3 AND o.at > v_over
        UNION ALL
        SELECT o.run, o.host, o.target, o.at, false FROM kanmon.run_rule o
            WHERE o.rule = p_rule AND p_targets IS NULL AND o.state = 3 AND o.at > v_over
    ), told AS (
        SELECT f.* FROM found f WHERE f.host = v_host AND f.run <> ALL (p_around)
        UNION ALL
        (SELECT DISTINCT ON (f.target) f.* FROM found f WHERE f.host <> v_host
            ORDER BY f.target, f.is_now DESC, f.at DESC)
    )
    SELECT t.run, t.host, r.person, t.target,
        (extract(epoch FROM clock_timestamp() - t.at) * 1000)::bigint, t.is_now
    FROM told t JOIN kanmon.run r ON r.host = t.host AND r.run = t.run
    ORDER BY t.is_now DESC, t.at DESC;
END $$;

-- Returns the newest runs of a rule at a target: how they ended, and with which values.
CREATE FUNCTION kanmon.lasts(p_rule text, p_target text, p_run text)
RETURNS TABLE (run text, host text, person text, ago_ms bigint, is_well boolean, bound text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    v_host text := session_user;
BEGIN
    RETURN QUERY
    WITH found AS (
        SELECT n.run, n.host, n.at, n.bound FROM kanmon.run_rule n
            WHERE n.rule = p_rule AND n.target = p_target AND n.state IN (1, 2) AND n.state = 2
        UNION ALL
        (SELECT o.run, o.host, o.at, o.bound FROM kanmon.run_rule o
            WHERE o.rule = p_rule AND o.target = p_target AND o.state = 3
            ORDER BY o.at DESC LIMIT 101)
    )
    SELECT f.run, f.host, r.person,
        (extract(epoch FROM clock_timestamp() - f.at) * 1000)::bigint,
        r.ended IS NOT NULL AND coalesce(r.well, false), f.bound
    FROM found f JOIN kanmon.run r ON r.host = f.host AND r.run = f.run
    WHERE NOT (f.host = v_host AND f.run = p_run)
    ORDER BY f.at DESC LIMIT 100;
END $$;

-- Says that a run of the caller's, which is being asked, is about to be cleared; it counts as under way
-- for a minute. Called again it says the same. Returns whether there is such a run.
CREATE FUNCTION kanmon.claim(p_chain text, p_run text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_host text := session_user;
    v_now timestamptz := clock_timestamp();
BEGIN
    UPDATE kanmon.run r SET claimed = v_now
        WHERE r.host = v_host AND r.run = p_run AND r.chain = p_chain
          AND r.cleared IS NULL AND r.over IS NULL AND NOT r.drill;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE kanmon.run_rule r SET state = 1, at = v_now
        WHERE r.host = v_host AND r.run = p_run AND r.state IN (0, 1);
    RETURN true;
END $$;

-- Returns whether a run of the caller's was cleared within a minute of its claim.
CREATE FUNCTION kanmon.is_in_time(p_chain text, p_run text) RETURNS boolean
LANGUAGE sql SECURITY DEFINER STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce((SELECT claimed > clock_timestamp() - interval '60 seconds'
        FROM kanmon.run WHERE host = session_user::text COLLATE "default" AND chain = p_chain
          AND run = p_run AND cleared IS NOT NULL), false)
$$;

-- Returns what is asked or runs now: where and by whom, not the line.
CREATE FUNCTION kanmon.now_running()
RETURNS TABLE (host text, run text, person text, drill boolean, since_ms bigint, state text,
    rules text[], targets text[])
LANGUAGE sql SECURITY DEFINER STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.host, r.run, r.person, r.drill,
        (extract(epoch FROM clock_timestamp() - coalesce(r.cleared, r.opened)) * 1000)::bigint,
        CASE WHEN r.cleared IS NULL THEN 'asked' ELSE 'runs' END,
        array(SELECT DISTINCT n.rule FROM kanmon.run_rule n
            WHERE n.host = r.host AND n.run = r.run ORDER BY 1),
        array(SELECT DISTINCT n.target FROM kanmon.run_rule n
            WHERE n.host = r.host AND n.run = r.run ORDER BY 1)
    FROM kanmon.run r WHERE r.over IS NULL ORDER BY r.opened
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA kanmon FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA kanmon FROM PUBLIC;
GRANT USAGE ON SCHEMA kanmon TO kanmon_host, kanmon_approver, kanmon_auditor;
GRANT EXECUTE ON FUNCTION kanmon.version(), kanmon.now_running()
    TO kanmon_host, kanmon_approver, kanmon_auditor;
GRANT EXECUTE ON FUNCTION
    kanmon.chain_head(text),
    kanmon.add_record(text, bigint, text, text, text, bigint, text, text, bytea, bytea, bigint,
        boolean, text, boolean, text[], text[], text[]),
    kanmon.open_runs(text),
    kanmon.settle(text, text),
    kanmon.lock_rules(text[]),
    kanmon.recent(text, text[], bigint, text[]),
    kanmon.lasts(text, text, text),
    kanmon.claim(text, text),
    kanmon.is_in_time(text, text)
    TO kanmon_host;
GRANT SELECT ON ALL TABLES IN SCHEMA kanmon TO kanmon_auditor;

INSERT INTO kanmon.meta (only_one, major, minor) VALUES (1, 1, 0);
