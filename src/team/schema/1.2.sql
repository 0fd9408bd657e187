-- The team's store, version 1.2: others' yes to a run. Run in one transaction, as kanmon_owner.
--
-- A host's role asks, looks after what it asked, and claims; an approver's role lists and answers. Who answers is
-- the role that logged in (session_user). Who asks is what the kernel of the host says: the names of the login
-- and of the users it became. An answer names others that the approver is known as on their own host: that only
-- ever takes away.

-- What was asked. What others are shown never changes.
CREATE TABLE kanmon.request (
    id        text PRIMARY KEY,
    host      text NOT NULL,
    run       text NOT NULL,
    names     text[] NOT NULL,
    body      text NOT NULL,
    hash      text NOT NULL,
    counts    integer[] NOT NULL,
    groups    text[] NOT NULL,
    asked     timestamptz NOT NULL,
    until     timestamptz NOT NULL,
    -- When its gate was heard of last; null where the asker left it behind on purpose.
    alive     timestamptz,
    withdrawn timestamptz,
    claimed   timestamptz,
    by_run    text
);
CREATE INDEX request_open ON kanmon.request (until) WHERE withdrawn IS NULL AND claimed IS NULL;

-- Who said yes to what, and what they called.
CREATE TABLE kanmon.answer (
    request text NOT NULL REFERENCES kanmon.request (id),
    role    text NOT NULL,
    persons text[] NOT NULL,
    hash    text NOT NULL,
    what    text NOT NULL,
    called  text NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (request, role)
);

CREATE TRIGGER answer_stays BEFORE UPDATE OR DELETE ON kanmon.answer
    FOR EACH ROW EXECUTE FUNCTION kanmon.never();
CREATE TRIGGER request_stays BEFORE DELETE ON kanmon.request
    FOR EACH ROW EXECUTE FUNCTION kanmon.never();
CREATE TRIGGER request_is_what_was_asked
    BEFORE UPDATE OF id, host, run, names, body, hash, counts, groups, asked, until ON kanmon.request
    FOR EACH ROW EXECUTE FUNCTION kanmon.never();

-- Returns whether a request may be answered now: a gate that was not heard of for a minute asks nothing.
CREATE FUNCTION kanmon.is_open(p_request kanmon.request) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT p_request.withdrawn IS NULL AND p_request.claimed IS NULL
        AND p_request.until > clock_timestamp()
        AND coalesce(p_request.alive > clock_timestamp() - interval '60 seconds', true)
$$;

-- Returns the answers to a request that count, given how long one holds and what the asker is known as besides.
CREATE FUNCTION kanmon.counting(p_request kanmon.request, p_names text[], p_holds_ms bigint)
RETURNS SETOF kanmon.answer
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.* FROM kanmon.answer a
    WHERE a.request = p_request.id AND a.hash = p_request.hash
      AND a.at > clock_timestamp() - p_holds_ms * interval '1 millisecond'
      AND kanmon.may_approve(a.role)
      AND NOT a.persons && kanmon.persons(p_request.names || p_names)
$$;

-- Returns whether a request has all the answers that it needs.
CREATE FUNCTION kanmon.is_answered(p_request kanmon.request, p_names text[], p_holds_ms bigint)
RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT NOT EXISTS (
        SELECT 1 FROM generate_subscripts(p_request.counts, 1) AS i
        WHERE p_request.counts[i] > (
            SELECT count(*) FROM kanmon.counting(p_request, p_names, p_holds_ms) a
            WHERE p_request.groups[i] = '' OR kanmon.is_of(a.role, p_request.groups[i])))
$$;

-- Asks others. A group '' is anybody. Asked again it says the same; another request of that id is refused.
CREATE FUNCTION kanmon.ask(
    p_id text, p_run text, p_names text[], p_body text, p_hash text, p_counts integer[],
    p_groups text[], p_open_ms bigint
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
BEGIN
    IF coalesce(array_length(p_names, 1), 0) = 0 OR coalesce(array_length(p_counts, 1), 0) = 0
        OR array_length(p_counts, 1) IS DISTINCT FROM array_length(p_groups, 1)
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
        RAISE EXCEPTION 'there is another request %', p_id USING ERRCODE = 'KM010';
    END IF;
END $$;

-- Says that the gate of a request of the caller's is there, and returns who said yes.
CREATE FUNCTION kanmon.look_after(p_id text, p_names text[], p_holds_ms bigint)
RETURNS TABLE (role text, hash text, what text, called text, groups text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_request kanmon.request;
BEGIN
    UPDATE kanmon.request r SET alive = clock_timestamp()
        WHERE r.id = p_id AND r.host = session_user AND r.withdrawn IS NULL AND r.claimed IS NULL
        RETURNING r.* INTO v_request;
    RETURN QUERY SELECT a.role, a.hash, a.what, a.called,
            array(SELECT DISTINCT g FROM unnest(v_request.groups) AS g
                WHERE g <> '' AND kanmon.is_of(a.role, g))
        FROM kanmon.counting(v_request, p_names, p_holds_ms) a ORDER BY a.at, a.role;
END $$;

-- Takes back a request of the caller's; what was answered to it stands for nothing from then on.
CREATE FUNCTION kanmon.withdraw(p_id text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE kanmon.request SET withdrawn = clock_timestamp()
    WHERE id = p_id AND host = session_user AND withdrawn IS NULL AND claimed IS NULL
$$;

-- Lets a request of the caller's wait on though its gate ends: its asker has left on purpose.
CREATE FUNCTION kanmon.put_aside(p_id text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE kanmon.request r SET alive = NULL
        WHERE r.id = p_id AND r.host = session_user AND r.withdrawn IS NULL AND r.claimed IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'request % is over', p_id USING ERRCODE = 'KM012';
    END IF;
END $$;

-- Returns a request of the caller's that an asker of these names put aside and that still waits.
CREATE FUNCTION kanmon.left_behind(p_id text, p_names text[]) RETURNS TABLE (body text, hash text)
LANGUAGE sql SECURITY DEFINER STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.body, r.hash FROM kanmon.request r
    WHERE r.id = p_id AND r.host = session_user AND r.alive IS NULL AND kanmon.is_open(r)
      AND kanmon.persons(p_names) && kanmon.persons(r.names)
$$;

-- Takes up such a request for a gate that looks after it from now on; returns whether it still waited. Of two
-- gates one does.
CREATE FUNCTION kanmon.take_up(p_id text, p_hash text, p_names text[]) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE kanmon.request r SET alive = clock_timestamp()
        WHERE r.id = p_id AND r.host = session_user AND r.hash = p_hash AND r.alive IS NULL
          AND kanmon.is_open(r) AND kanmon.persons(p_names) && kanmon.persons(r.names);
    RETURN FOUND;
END $$;

-- Uses a request of the caller's up for a run, where it has the answers that it needs: once. The same run's
-- claim again is the same claim.
CREATE FUNCTION kanmon.claim_request(
    p_id text, p_run text, p_hash text, p_names text[], p_holds_ms bigint
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_request kanmon.request;
BEGIN
    SELECT r.* INTO v_request FROM kanmon.request r
        WHERE r.id = p_id AND r.host = session_user AND r.hash = p_hash AND r.withdrawn IS NULL
        FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    ELSIF v_request.claimed IS NOT NULL THEN
        RETURN v_request.by_run = p_run;
    ELSIF NOT kanmon.is_answered(v_request, p_names, p_holds_ms) THEN
        RETURN false;
    END IF;
    UPDATE kanmon.request r SET claimed = clock_timestamp(), by_run = p_run WHERE r.id = p_id;
    RETURN true;
END $$;

-- Returns the names of those who may answer, of a group or ('') all, without the asker.
CREATE FUNCTION kanmon.approvers(p_group text, p_names text[]) RETURNS TABLE (name text)
LANGUAGE sql SECURITY DEFINER STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.rolname::text FROM pg_roles r
    WHERE r.rolcanlogin AND kanmon.may_approve(r.rolname)
      AND (p_group = '' OR kanmon.is_of(r.rolname, p_group))
      AND NOT kanmon.persons(ARRAY[r.rolname::text]) && kanmon.persons(p_names)
    ORDER BY 1 LIMIT 100
$$;

-- Returns what waits for an answer now, of one id or (null) all, 200 at most and of each host as many as of any
-- other; what the caller is known as on their host tells their own.
CREATE FUNCTION kanmon.waiting(p_id text, p_names text[])
RETURNS TABLE (id text, host text, body text, hash text, age_ms bigint, left_ms bigint,
    answered text[], is_own boolean)
LANGUAGE sql SECURITY DEFINER STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.id, r.host, r.body, r.hash,
        (extract(epoch FROM clock_timestamp() - r.asked) * 1000)::bigint,
        (extract(epoch FROM r.until - clock_timestamp()) * 1000)::bigint,
        array(SELECT a.role FROM kanmon.answer a WHERE a.request = r.id ORDER BY a.at, a.role),
        kanmon.persons(p_names || session_user::text) && kanmon.persons(r.names)
    FROM (
        SELECT o.id FROM kanmon.request o
        WHERE o.withdrawn IS NULL AND o.claimed IS NULL AND o.until > clock_timestamp()
          AND (p_id IS NULL OR o.id = p_id)
          AND kanmon.is_open(o) AND NOT kanmon.is_answered(o, '{}', 86400000)
        ORDER BY row_number() OVER (PARTITION BY o.host ORDER BY o.asked), o.asked LIMIT 200
    ) n JOIN kanmon.request r ON r.id = n.id
    ORDER BY r.asked
$$;

-- Returns for which yeses runs wait: how many, and of which group ('' is anybody).
CREATE FUNCTION kanmon.waits()
RETURNS TABLE (host text, run text, id text, counts integer[], groups text[])
LANGUAGE sql SECURITY DEFINER STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.host, r.run, r.id, r.counts, r.groups FROM kanmon.request r
    WHERE r.withdrawn IS NULL AND r.claimed IS NULL AND r.until > clock_timestamp()
      AND kanmon.is_open(r)
    ORDER BY r.asked
$$;

-- Says yes to what a request showed (its hash), after the caller called something. Said again it says the same.
CREATE FUNCTION kanmon.say_yes(p_id text, p_hash text, p_what text, p_called text, p_names text[])
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_role text := session_user;
    v_persons text[] := kanmon.persons(p_names || session_user::text);
    v_request kanmon.request;
BEGIN
    IF NOT kanmon.may_approve(v_role) THEN
        RAISE EXCEPTION 'role % is no person who may approve', v_role USING ERRCODE = 'KM011';
    END IF;
    -- One at a time: two answers of one person at once are seen as such.
    SELECT r.* INTO v_request FROM kanmon.request r WHERE r.id = p_id FOR UPDATE;
    IF NOT FOUND OR NOT kanmon.is_open(v_request) THEN
        RAISE EXCEPTION 'request % is over', p_id USING ERRCODE = 'KM012';
    ELSIF v_request.hash <> p_hash THEN
        RAISE EXCEPTION 'request % is for something else', p_id USING ERRCODE = 'KM012';
    ELSIF v_persons && kanmon.persons(v_request.names) THEN
        RAISE EXCEPTION 'request % is your own', p_id USING ERRCODE = 'KM013';
    ELSIF NOT EXISTS (SELECT 1 FROM unnest(v_request.groups) AS g
        WHERE g = '' OR kanmon.is_of(v_role, g))
    THEN
        RAISE EXCEPTION '%', array_to_string(v_request.groups, ', ') USING ERRCODE = 'KM014';
    END IF;
    PERFORM 1 FROM kanmon.answer a WHERE a.request = p_id AND a.role = v_role;
    IF FOUND THEN
        RETURN;
    END IF;
    PERFORM 1 FROM kanmon.answer a WHERE a.request = p_id AND a.persons && v_persons;
    IF FOUND THEN
        RAISE EXCEPTION 'you have answered request % already', p_id USING ERRCODE = 'KM015';
    END IF;
    INSERT INTO kanmon.answer (request, role, persons, hash, what, called, at)
        VALUES (p_id, v_role, v_persons, p_hash, p_what, p_called, clock_timestamp());
END $$;

REVOKE ALL ON FUNCTION
    kanmon.is_open(kanmon.request),
    kanmon.counting(kanmon.request, text[], bigint),
    kanmon.is_answered(kanmon.request, text[], bigint),
    kanmon.ask(text, text, text[], text, text, integer[], text[], bigint),
    kanmon.look_after(text, text[], bigint),
    kanmon.withdraw(text),
    kanmon.put_aside(text),
    kanmon.left_behind(text, text[]),
    kanmon.take_up(text, text, text[]),
    kanmon.claim_request(text, text, text, text[], bigint),
    kanmon.approvers(text, text[]),
    kanmon.waiting(text, text[]),
    kanmon.waits(),
    kanmon.say_yes(text, text, text, text, text[])
    FROM PUBLIC;
REVOKE ALL ON kanmon.request, kanmon.answer FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    kanmon.ask(text, text, text[], text, text, integer[], text[], bigint),
    kanmon.look_after(text, text[], bigint),
    kanmon.withdraw(text),
    kanmon.put_aside(text),
    kanmon.left_behind(text, text[]),
    kanmon.take_up(text, text, text[]),
    kanmon.claim_request(text, text, text, text[], bigint),
    kanmon.approvers(text, text[])
    TO kanmon_host;
GRANT EXECUTE ON FUNCTION
    kanmon.waiting(text, text[]),
    kanmon.say_yes(text, text, text, text, text[])
    TO kanmon_approver;
GRANT SELECT ON kanmon.request, kanmon.answer TO kanmon_auditor;
GRANT EXECUTE ON FUNCTION kanmon.waits() TO kanmon_host, kanmon_approver, kanmon_auditor;
