-- Version 1.7: a no and a yes taken back up to the claim, and what a host's role does not get through with. Run
-- as 1.0 is.

-- Says no to what a request showed (its hash), and why, as long as nothing has run by it: also where it has all
-- its yeses, its gate asks something else meanwhile, or its time to be answered has passed. Said again it says
-- the same.
CREATE OR REPLACE FUNCTION kanmon.say_no(p_id text, p_hash text, p_reason text, p_names text[])
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_role text := session_user;
    v_request kanmon.request;
BEGIN
    IF NOT kanmon.may_approve(v_role) THEN
        RAISE EXCEPTION 'role % is no person who may approve', v_role USING ERRCODE = 'KM011';
    END IF;
    SELECT r.* INTO v_request FROM kanmon.request r WHERE r.id = p_id FOR UPDATE;
    PERFORM 1 FROM kanmon.refusal n WHERE n.request = p_id AND n.role = v_role AND n.hash = p_hash;
    IF FOUND THEN
        RETURN;
    END IF;
    IF v_request.id IS NULL OR v_request.withdrawn IS NOT NULL OR v_request.claimed IS NOT NULL THEN
        RAISE EXCEPTION 'request % is over', p_id USING ERRCODE = 'KM012';
    ELSIF v_request.hash <> p_hash THEN
        RAISE EXCEPTION 'request % is for something else', p_id USING ERRCODE = 'KM012';
    ELSIF kanmon.persons(p_names || v_role) && kanmon.persons(v_request.names) THEN
        RAISE EXCEPTION 'request % is your own', p_id USING ERRCODE = 'KM013';
    ELSIF NOT EXISTS (SELECT 1 FROM unnest(v_request.groups) AS g
        WHERE g = '' OR kanmon.is_of(v_role, g))
    THEN
        RAISE EXCEPTION '%', array_to_string(v_request.groups, ', ') USING ERRCODE = 'KM014';
    END IF;
    UPDATE kanmon.request r SET withdrawn = clock_timestamp() WHERE r.id = p_id;
    INSERT INTO kanmon.refusal (request, role, hash, reason, at)
        VALUES (p_id, v_role, p_hash, p_reason, clock_timestamp());
END $$;

-- Returns whether a request has its yeses and nothing has run by it, though it still may: its gate is on the
-- way, or its asker left it behind and may come back.
CREATE FUNCTION kanmon.is_to_run(p_request kanmon.request) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT p_request.withdrawn IS NULL AND p_request.claimed IS NULL
        AND p_request.until > clock_timestamp() - interval '1 day'
        AND CASE WHEN p_request.alive IS NULL THEN p_request.until > clock_timestamp()
            -- A run that ended after its gate was heard of last has left it.
            ELSE NOT EXISTS (SELECT 1 FROM kanmon.run u WHERE u.host = p_request.host
                AND u.run = p_request.run AND u.over > p_request.alive) END
        AND kanmon.is_answered(p_request, '{}', 86400000)
$$;

-- Returns what waits for an answer now, and what was approved and has not run, of one id or (null) all: 200 of
-- each at most, and of each host as many as of any other.
CREATE FUNCTION kanmon.asked(p_id text, p_names text[])
RETURNS TABLE (id text, host text, body text, hash text, age_ms bigint, left_ms bigint,
    answered text[], is_own boolean, is_to_run boolean)
LANGUAGE sql SECURITY DEFINER STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.id, r.host, r.body, r.hash,
        (extract(epoch FROM clock_timestamp() - r.asked) * 1000)::bigint,
        (extract(epoch FROM r.until - clock_timestamp()) * 1000)::bigint,
        array(SELECT a.role FROM kanmon.answer a WHERE a.request = r.id
            AND NOT EXISTS (SELECT 1 FROM kanmon.taken_back t
                WHERE t.request = a.request AND t.role = a.role)
            ORDER BY a.at, a.role),
        kanmon.persons(p_names || session_user::text) && kanmon.persons(r.names),
        n.is_to_run
    FROM (
        SELECT s.id, s.is_to_run, row_number() OVER
            (PARTITION BY s.is_to_run ORDER BY s.of_host, s.asked) AS place
        FROM (
            SELECT o.id, o.asked, t.is_to_run, row_number() OVER
                (PARTITION BY o.host, t.is_to_run ORDER BY o.asked) AS of_host
            FROM kanmon.request o CROSS JOIN LATERAL (SELECT kanmon.is_to_run(o) AS is_to_run) t
            WHERE o.withdrawn IS NULL AND o.claimed IS NULL
              AND o.until > clock_timestamp() - interval '1 day'
              AND (p_id IS NULL OR o.id = p_id)
              AND (t.is_to_run
                OR kanmon.is_open(o) AND NOT kanmon.is_answered(o, '{}', 86400000))
        ) s
    ) n JOIN kanmon.request r ON r.id = n.id
    WHERE n.place <= 200
    ORDER BY n.is_to_run, r.asked
$$;

-- Asks others, as before; what nobody has to say yes to is no request. Ids are all hosts': one that another request
-- has is told from what is none.
CREATE OR REPLACE FUNCTION kanmon.ask(
    p_id text, p_run text, p_names text[], p_body text, p_hash text, p_counts integer[],
    p_groups text[], p_open_ms bigint
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
BEGIN
    IF coalesce(array_length(p_names, 1), 0) = 0 OR coalesce(array_length(p_counts, 1), 0) = 0
        OR array_ndims(p_counts) <> 1
        OR array_length(p_counts, 1) IS DISTINCT FROM array_length(p_groups, 1)
        OR EXISTS (SELECT 1 FROM unnest(p_counts) AS c WHERE coalesce(c, 0) < 1)
        OR NOT kanmon.is_list(p_groups)
        OR octet_length(p_body) > 1048576
    THEN
        RAISE EXCEPTION 'this is no request' USING ERRCODE = 'KM010';
    END IF;
    INSERT INTO kanmon.request
        (id, host, run, names, body, hash, counts, groups, asked, until, alive)
        VALUES (p_id, session_user, p_run, p_names, p_body, p_hash, p_counts, p_groups, v_now,
                v_now + least(greatest(p_open_ms, 0), 86400000) * interval '1 millisecond', v_now)
        ON CONFLICT (id) DO NOTHING;
    PERFORM 1 FROM kanmon.request r
        WHERE r.id = p_id AND r.host = session_user AND r.run = p_run AND r.hash = p_hash;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is another request %', p_id USING ERRCODE = 'KM017';
    END IF;
END $$;

-- Tells more of a run of the caller's than its record did, as before; of an end only what its records say.
CREATE OR REPLACE FUNCTION kanmon.tell_more(
    p_chain text, p_run text, p_calls text[], p_targets text[], p_end text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_host text := session_user;
    v_kind text := CASE p_end WHEN 'let-go' THEN 'not-cleared' WHEN 'not-started' THEN 'not-started' END;
BEGIN
    INSERT INTO kanmon.run_call (call, target, host, run, at)
        SELECT p_calls[i], p_targets[i], v_host, p_run, r.opened
        FROM kanmon.run r, generate_subscripts(p_calls, 1) AS i
        WHERE r.host = v_host AND r.run = p_run AND r.chain = p_chain
        ON CONFLICT (host, run, call, target) DO NOTHING;
    IF p_end IS NULL THEN
        RETURN;
    END IF;
    UPDATE kanmon.run r SET told_end = p_end
        WHERE r.host = v_host AND r.run = p_run AND r.chain = p_chain AND r.over IS NOT NULL
          AND r.told_end IS NULL AND (r.cleared IS NULL OR v_kind = 'not-started')
          AND EXISTS (SELECT 1 FROM kanmon.record t WHERE t.run = p_run AND t.host = v_host
              AND t.chain = p_chain AND t.kind = v_kind);
END $$;

-- Returns how a run that is over ended. What was told besides is not believed against its records.
CREATE FUNCTION kanmon.how_ended(p_run kanmon.run) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN p_run.cleared IS NULL AND p_run.told_end = 'let-go' THEN 'let-go'
        WHEN p_run.cleared IS NULL THEN 'not-cleared'
        WHEN p_run.ended IS NULL THEN 'unknown'
        WHEN p_run.well THEN 'well'
        WHEN p_run.told_end = 'not-started' AND NOT EXISTS (SELECT 1 FROM kanmon.record t
            WHERE t.run = p_run.run AND t.host = p_run.host AND t.chain = p_run.chain
              AND t.kind = 'ended') THEN 'not-started'
        ELSE 'failed' END
$$;

-- Returns the runs of an invocation at a target that are under way or were over less than so long ago, of all
-- hosts: of each kind of end the newest, of the caller's and of others', and up to a hundred that were let go. What
-- nobody asks for, however often it is there, hides nothing.
CREATE OR REPLACE FUNCTION kanmon.earlier(p_call text, p_target text, p_within_ms bigint)
RETURNS TABLE (run text, host text, person text, ago_ms bigint, ended text, is_own boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    v_host text := session_user;
    v_now timestamptz := clock_timestamp();
    v_over timestamptz := v_now - p_within_ms * interval '1 millisecond';
    -- Few runs take longer than a day.
    v_opened timestamptz := v_over - interval '1 day';
BEGIN
    RETURN QUERY
    WITH found AS (
        (SELECT c.host, c.run FROM kanmon.run_call c
            WHERE c.call = p_call AND c.target = p_target AND c.at > v_opened)
        UNION
        (SELECT c.host, c.run FROM kanmon.run_call c
            WHERE c.call = p_call AND c.target = '*' AND c.at > v_opened)
        UNION
        (SELECT c.host, c.run FROM kanmon.run_call c
            WHERE c.call = p_call AND c.target = p_target AND c.at <= v_opened
            ORDER BY c.at DESC LIMIT 100)
        UNION
        (SELECT c.host, c.run FROM kanmon.run_call c
            WHERE c.call = p_call AND c.target = '*' AND c.at <= v_opened
            ORDER BY c.at DESC LIMIT 100)
        UNION
        (SELECT o.host, o.run FROM kanmon.run o
            JOIN kanmon.run_call c ON c.host = o.host AND c.run = o.run
            WHERE o.over IS NULL AND o.opened <= v_opened
              AND c.call = p_call AND c.target IN (p_target, '*'))
    ), known AS (
        SELECT r.run, r.host, r.person, coalesce(r.over, r.cleared) AS at,
            CASE WHEN r.over IS NULL THEN 'under-way' ELSE kanmon.how_ended(r) END AS ended,
            r.host = v_host AS is_own
        -- The limit keeps the planner from going through all runs for a hundred of them.
        FROM found f CROSS JOIN LATERAL
            (SELECT o.* FROM kanmon.run o WHERE o.host = f.host AND o.run = f.run LIMIT 1) r
        WHERE NOT r.drill AND coalesce(r.over > v_over, r.cleared IS NOT NULL)
    ), newest AS (
        SELECT k.*, row_number() OVER
            (PARTITION BY k.ended, k.is_own ORDER BY k.at DESC, k.run) AS place
        FROM known k
    )
    SELECT n.run, n.host, n.person, (extract(epoch FROM v_now - n.at) * 1000)::bigint, n.ended,
        n.is_own
    FROM newest n WHERE n.place <= CASE n.ended WHEN 'let-go' THEN 100 ELSE 1 END
    ORDER BY n.at DESC;
END $$;

-- When the last record of a chain was made, as this server's clock has it; null where none came since 1.7.
ALTER TABLE kanmon.chain ADD COLUMN made timestamptz;

-- As before; no record is older than the one before it in its chain, and of a run's ends the first counts.
CREATE OR REPLACE FUNCTION kanmon.add_record(
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
    v_made timestamptz;
    v_drill boolean;
BEGIN
    SELECT c.seq, c.hash, coalesce(c.made, c.newest) INTO v_seq, v_hash, v_made FROM kanmon.chain c
        WHERE c.host = v_host AND c.chain = p_chain FOR UPDATE;
    IF v_seq IS NULL THEN
        -- Another gate of the same ledger may begin the chain at this moment: it is waited for.
        INSERT INTO kanmon.chain (host, chain, first_seq, first_prev, seq, hash, newest, made)
            VALUES (v_host, p_chain, p_seq, p_prev, p_seq - 1, p_prev, v_now, '-infinity')
            ON CONFLICT (host, chain) DO NOTHING;
        SELECT c.seq, c.hash, coalesce(c.made, c.newest) INTO v_seq, v_hash, v_made FROM kanmon.chain c
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
        -- A host whose clock is ahead says that something was long ago: it was not before the one before it.
        v_at := greatest(v_at, v_made);
        UPDATE kanmon.chain c SET seq = p_seq, hash = p_hash, newest = v_now, made = v_at
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
            WHERE r.host = v_host AND r.run = p_run AND r.ended IS NULL;
        UPDATE kanmon.run_rule r SET state = 3, at = v_at
            WHERE r.host = v_host AND r.run = p_run AND r.state IN (1, 2);
    ELSIF p_kind IN ('not-cleared', 'drilled') THEN
        UPDATE kanmon.run r SET over = v_at WHERE r.host = v_host AND r.run = p_run;
        UPDATE kanmon.run_rule r SET state = 0
            WHERE r.host = v_host AND r.run = p_run AND r.state = 1;
    END IF;
    RETURN true;
END $$;

-- Says that a run of the caller's is over though no record says so, as before. When its command ended nobody
-- knows: it counts as ended now.
CREATE OR REPLACE FUNCTION kanmon.settle(p_chain text, p_run text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_host text := session_user;
    v_now timestamptz := clock_timestamp();
    v_cleared timestamptz;
BEGIN
    UPDATE kanmon.run r SET over = v_now
        WHERE r.host = v_host AND r.run = p_run AND r.chain = p_chain AND r.over IS NULL
        RETURNING r.cleared INTO v_cleared;
    IF FOUND THEN
        UPDATE kanmon.run_rule r
            SET state = CASE WHEN v_cleared IS NULL THEN 0 ELSE 3 END,
                at = CASE WHEN v_cleared IS NULL THEN r.at ELSE v_now END
            WHERE r.host = v_host AND r.run = p_run AND r.state IN (1, 2);
    END IF;
END $$;

REVOKE ALL ON FUNCTION kanmon.how_ended(kanmon.run), kanmon.is_to_run(kanmon.request), kanmon.asked(text, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kanmon.asked(text, text[]) TO kanmon_approver;
