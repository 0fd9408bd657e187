-- Version 1.4: whether the same invocation was run before, on whatever host. Run as 1.0 is.

-- Each held invocation of a run: a hash of its words (secrets masked), and its target. Whoever reads the hash
-- learns nothing that they could not have asked for. A run of a kanmon older than this has none.
CREATE TABLE kanmon.run_call (
    call   text NOT NULL,
    target text NOT NULL,
    host   text NOT NULL,
    run    text NOT NULL,
    at     timestamptz NOT NULL,
    PRIMARY KEY (host, run, call, target)
);
CREATE INDEX run_call_at ON kanmon.run_call (call, target, at);

-- What of a run's end is in its records only: 'let-go' by the operator, or 'not-started'.
ALTER TABLE kanmon.run ADD COLUMN told_end text;

-- Tells more of a run of the caller's than its record did. Said again it says the same.
CREATE FUNCTION kanmon.tell_more(
    p_chain text, p_run text, p_calls text[], p_targets text[], p_end text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_host text := session_user;
BEGIN
    INSERT INTO kanmon.run_call (call, target, host, run, at)
        SELECT p_calls[i], p_targets[i], v_host, p_run, r.opened
        FROM kanmon.run r, generate_subscripts(p_calls, 1) AS i
        WHERE r.host = v_host AND r.run = p_run AND r.chain = p_chain
        ON CONFLICT (host, run, call, target) DO NOTHING;
    UPDATE kanmon.run r SET told_end = p_end
        WHERE r.host = v_host AND r.run = p_run AND r.chain = p_chain AND r.over IS NOT NULL
          AND r.told_end IS NULL AND p_end IS NOT NULL;
END $$;

-- Returns the newest runs of an invocation at a target that are under way or were over less than so long ago,
-- of hosts all: how they ended ('under-way', 'well', 'failed', 'unknown', 'not-started', 'let-go', 'not-cleared').
CREATE FUNCTION kanmon.earlier(p_call text, p_target text, p_within_ms bigint)
RETURNS TABLE (run text, host text, person text, ago_ms bigint, ended text, is_own boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    v_host text := session_user;
    v_now timestamptz := clock_timestamp();
    v_over timestamptz := v_now - p_within_ms * interval '1 millisecond';
BEGIN
    RETURN QUERY
    WITH found AS (
        (SELECT c.host, c.run FROM kanmon.run_call c
            WHERE c.call = p_call AND c.target = p_target ORDER BY c.at DESC LIMIT 100)
        UNION
        (SELECT c.host, c.run FROM kanmon.run_call c
            WHERE c.call = p_call AND c.target = '*' ORDER BY c.at DESC LIMIT 100)
    )
    SELECT r.run, r.host, r.person,
        (extract(epoch FROM v_now - coalesce(r.over, r.cleared)) * 1000)::bigint,
        CASE WHEN r.over IS NULL THEN 'under-way' WHEN r.told_end IS NOT NULL THEN r.told_end
            WHEN r.cleared IS NULL THEN 'not-cleared' WHEN r.ended IS NULL THEN 'unknown'
            WHEN r.well THEN 'well' ELSE 'failed' END,
        r.host = v_host
    -- The limit keeps the planner from going through all runs for a hundred of them.
    FROM found f CROSS JOIN LATERAL
        (SELECT o.* FROM kanmon.run o WHERE o.host = f.host AND o.run = f.run LIMIT 1) r
    WHERE NOT r.drill AND coalesce(r.over > v_over, r.cleared IS NOT NULL)
    ORDER BY coalesce(r.over, r.cleared) DESC;
END $$;

REVOKE ALL ON FUNCTION kanmon.tell_more(text, text, text[], text[], text),
    kanmon.earlier(text, text, bigint) FROM PUBLIC;
REVOKE ALL ON kanmon.run_call FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kanmon.tell_more(text, text, text[], text[], text),
    kanmon.earlier(text, text, bigint) TO kanmon_host;
GRANT SELECT ON kanmon.run_call TO kanmon_auditor;
