-- Version 1.1: what people see of runs, and what an administrator settles. Run as 1.0 is.

-- The newest runs of all hosts.
CREATE INDEX run_opened ON kanmon.run (opened);

-- Triggers of rows do not see this.
CREATE TRIGGER record_is_never_emptied BEFORE TRUNCATE ON kanmon.record
    FOR EACH STATEMENT EXECUTE FUNCTION kanmon.never();

-- Who follows what is recorded. To tell them takes a lock of the whole server at each commit: where nobody
-- follows, none is taken.
CREATE TABLE kanmon.follower (
    login text PRIMARY KEY,
    until timestamptz NOT NULL
);

-- Says that the caller follows for another half minute.
CREATE FUNCTION kanmon.follow() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO kanmon.follower (login, until)
        VALUES (session_user, clock_timestamp() + interval '30 seconds')
        ON CONFLICT (login) DO UPDATE SET until = EXCLUDED.until
$$;

CREATE FUNCTION kanmon.tell_followers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM kanmon.follower f WHERE f.until > clock_timestamp()) THEN
        PERFORM pg_notify('kanmon_record', '');
    END IF;
    RETURN NULL;
END $$;
-- Other databases that speak the protocol may have no such thing; followers look by themselves there.
DO $$
BEGIN
    IF pg_catalog.to_regproc('pg_catalog.pg_notify') IS NOT NULL THEN
        CREATE TRIGGER record_is_told AFTER INSERT ON kanmon.record
            FOR EACH ROW EXECUTE FUNCTION kanmon.tell_followers();
    END IF;
END $$;

-- Runs that an administrator said are over. Only ever added to.
CREATE TABLE kanmon.settled (
    host   text NOT NULL,
    run    text NOT NULL,
    login  text NOT NULL,
    reason text NOT NULL,
    at     timestamptz NOT NULL,
    PRIMARY KEY (host, run)
);
CREATE TRIGGER settled_stays BEFORE UPDATE OR DELETE ON kanmon.settled
    FOR EACH ROW EXECUTE FUNCTION kanmon.never();

-- Says that a run is over whose host will not say it any more. It counts as not well, and as ended now.
-- Returns whether there was such a run. For the owner alone.
CREATE FUNCTION kanmon.settle_run(p_host text, p_run text, p_reason text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
BEGIN
    UPDATE kanmon.run r SET over = v_now
        WHERE r.host = p_host AND r.run = p_run AND r.cleared IS NOT NULL AND r.over IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE kanmon.run_rule r SET state = 3, at = v_now
        WHERE r.host = p_host AND r.run = p_run AND r.state = 2;
    INSERT INTO kanmon.settled (host, run, login, reason, at)
        VALUES (p_host, p_run, session_user, p_reason, v_now);
    RETURN true;
END $$;

REVOKE ALL ON FUNCTION kanmon.follow(), kanmon.tell_followers(),
    kanmon.settle_run(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kanmon.follow() TO kanmon_auditor;
GRANT SELECT ON kanmon.follower, kanmon.settled TO kanmon_auditor;
