-- Version 1.3: who is told of runs. Run as 1.0 is.

-- Who is told of runs, by the login that tells them. The records are what is told: a cursor in each chain
-- says how far. No run waits for it, and none writes it.
CREATE TABLE kanmon.sink (
    login    text NOT NULL,
    sink     text NOT NULL,
    taken    timestamptz,
    failures integer NOT NULL DEFAULT 0,
    next_try timestamptz NOT NULL,
    PRIMARY KEY (login, sink)
);
CREATE TABLE kanmon.told (
    login text NOT NULL,
    sink  text NOT NULL,
    host  text NOT NULL,
    chain text NOT NULL,
    seq   bigint NOT NULL,
    PRIMARY KEY (login, sink, host, chain)
);

-- Says how far a sink of the caller's has been told of a chain.
CREATE FUNCTION kanmon.notice_told(p_sink text, p_host text, p_chain text, p_seq bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE kanmon.sink k SET taken = clock_timestamp(), failures = 0
        WHERE k.login = session_user AND k.sink = p_sink;
    INSERT INTO kanmon.told (login, sink, host, chain, seq)
        VALUES (session_user, p_sink, p_host, p_chain, p_seq)
        ON CONFLICT (login, sink, host, chain)
        DO UPDATE SET seq = greatest(kanmon.told.seq, EXCLUDED.seq)
$$;

-- Takes a sink of the caller's for two minutes, from the last message on, in which nobody else takes it.
-- Returns whether it was free and its time has come. A new one begins with what is recorded from now on.
CREATE FUNCTION kanmon.take_sink(p_sink text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_login text := session_user;
    v_now timestamptz := clock_timestamp();
BEGIN
    INSERT INTO kanmon.sink (login, sink, next_try) VALUES (v_login, p_sink, v_now)
        ON CONFLICT (login, sink) DO NOTHING;
    IF FOUND THEN
        INSERT INTO kanmon.told (login, sink, host, chain, seq)
            SELECT v_login, p_sink, c.host, c.chain, c.seq FROM kanmon.chain c
            WHERE c.host = v_login OR pg_has_role(session_user, 'kanmon_auditor', 'MEMBER');
        RETURN false;
    END IF;
    UPDATE kanmon.sink k SET taken = v_now
        WHERE k.login = v_login AND k.sink = p_sink AND k.next_try <= v_now
          AND (k.taken IS NULL OR k.taken < v_now - interval '120 seconds');
    RETURN FOUND;
END $$;

-- Returns the records of these kinds that a sink of the caller's has not been told of: a host's own, an
-- auditor's of all hosts.
CREATE FUNCTION kanmon.notices(p_sink text, p_kinds text[], p_most integer)
RETURNS TABLE (host text, chain text, seq bigint, run text, kind text, utc text, body text,
    head text, age_ms bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_login text := session_user;
    v_now timestamptz := clock_timestamp();
    v_all boolean := pg_has_role(session_user, 'kanmon_auditor', 'MEMBER');
    v_chain record;
    v_left integer := p_most;
    v_count integer;
BEGIN
    FOR v_chain IN
        SELECT c.host, c.chain, c.seq, coalesce(t.seq, c.first_seq - 1) AS told FROM kanmon.chain c
        LEFT JOIN kanmon.told t ON t.login = v_login AND t.sink = p_sink
            AND t.host = c.host AND t.chain = c.chain
        WHERE (v_all OR c.host = v_login) AND c.seq > coalesce(t.seq, c.first_seq - 1)
        ORDER BY c.newest
    LOOP
        EXIT WHEN v_left <= 0;
        RETURN QUERY
            SELECT r.host, r.chain, r.seq, r.run, r.kind, r.utc, r.body,
                (SELECT o.body FROM kanmon.record o WHERE o.run = r.run AND o.host = r.host
                    AND o.chain = r.chain AND o.kind = 'opened' ORDER BY o.seq LIMIT 1),
                (extract(epoch FROM v_now - r.arrived) * 1000)::bigint
            FROM kanmon.record r
            WHERE r.host = v_chain.host AND r.chain = v_chain.chain AND r.seq > v_chain.told
              AND r.seq <= v_chain.seq AND r.kind = ANY (p_kinds)
            ORDER BY r.seq LIMIT v_left;
        GET DIAGNOSTICS v_count = ROW_COUNT;
        v_left := v_left - v_count;
        IF v_count = 0 THEN
            PERFORM kanmon.notice_told(p_sink, v_chain.host, v_chain.chain, v_chain.seq);
        END IF;
    END LOOP;
END $$;

-- Lets a sink of the caller's go: until the next time, or where telling it failed for a while, the longer the
-- more often it did. Returns how often.
CREATE FUNCTION kanmon.leave_sink(p_sink text, p_failed boolean) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE kanmon.sink k SET taken = NULL,
        failures = CASE WHEN p_failed THEN k.failures + 1 ELSE 0 END,
        next_try = clock_timestamp() + CASE WHEN p_failed
            THEN least(15 * power(2, least(k.failures, 8)), 3600) * interval '1 second'
            ELSE interval '0' END
        WHERE k.login = session_user AND k.sink = p_sink
        RETURNING k.failures
$$;

REVOKE ALL ON FUNCTION kanmon.notice_told(text, text, text, bigint),
    kanmon.take_sink(text), kanmon.notices(text, text[], integer),
    kanmon.leave_sink(text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kanmon.notice_told(text, text, text, bigint),
    kanmon.take_sink(text), kanmon.notices(text, text[], integer), kanmon.leave_sink(text, boolean)
    TO kanmon_host, kanmon_auditor;
GRANT SELECT ON kanmon.sink, kanmon.told TO kanmon_auditor;
