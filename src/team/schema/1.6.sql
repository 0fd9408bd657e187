-- Version 1.6: whether somebody waits to be told. Run as 1.0 is.

-- Returns how often telling a sink of the caller's has failed since it last went, and in how long it is tried
-- again; no row where nothing waits.
CREATE FUNCTION kanmon.sink_waits(p_sink text) RETURNS TABLE (failures integer, left_ms bigint)
LANGUAGE sql SECURITY DEFINER STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT k.failures, (extract(epoch FROM k.next_try - clock_timestamp()) * 1000)::bigint
    FROM kanmon.sink k
    WHERE k.login = session_user::text COLLATE "default" AND k.sink = p_sink AND k.failures > 0
$$;

REVOKE ALL ON FUNCTION kanmon.sink_waits(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kanmon.sink_waits(text) TO kanmon_host, kanmon_auditor;
