-- Version 1.5: an approver's no, and a yes that is taken back. Run as 1.0 is.

-- Who said no to what, and why. Whoever is asked may: one no ends the request.
CREATE TABLE kanmon.refusal (
    request text NOT NULL REFERENCES kanmon.request (id),
    role    text NOT NULL,
    hash    text NOT NULL,
    reason  text NOT NULL CHECK (reason <> '' AND octet_length(reason) <= 4096),
    at      timestamptz NOT NULL,
    PRIMARY KEY (request, role)
);
CREATE TRIGGER refusal_stays BEFORE UPDATE OR DELETE ON kanmon.refusal
    FOR EACH ROW EXECUTE FUNCTION kanmon.never();

-- Answers that count no longer, because their givers said so. The answer itself stays.
CREATE TABLE kanmon.taken_back (
    request text NOT NULL,
    role    text NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (request, role),
    FOREIGN KEY (request, role) REFERENCES kanmon.answer (request, role)
);
CREATE TRIGGER taken_back_stays BEFORE UPDATE OR DELETE ON kanmon.taken_back
    FOR EACH ROW EXECUTE FUNCTION kanmon.never();

-- As before, without those that were taken back.
CREATE OR REPLACE FUNCTION kanmon.counting(p_request kanmon.request, p_names text[], p_holds_ms bigint)
RETURNS SETOF kanmon.answer
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.* FROM kanmon.answer a
    WHERE a.request = p_request.id AND a.hash = p_request.hash
      AND a.at > clock_timestamp() - p_holds_ms * interval '1 millisecond'
      AND kanmon.may_approve(a.role)
      AND NOT a.persons && kanmon.persons(p_request.names || p_names)
      AND NOT EXISTS (SELECT 1 FROM kanmon.taken_back t
          WHERE t.request = a.request AND t.role = a.role)
$$;

-- As before; a yes that was taken back was none.
CREATE OR REPLACE FUNCTION kanmon.waiting(p_id text, p_names text[])
RETURNS TABLE (id text, host text, body text, hash text, age_ms bigint, left_ms bigint,
    answered text[], is_own boolean)
LANGUAGE sql SECURITY DEFINER STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.id, r.host, r.body, r.hash,
        (extract(epoch FROM clock_timestamp() - r.asked) * 1000)::bigint,
        (extract(epoch FROM r.until - clock_timestamp()) * 1000)::bigint,
        array(SELECT a.role FROM kanmon.answer a WHERE a.request = r.id
            AND NOT EXISTS (SELECT 1 FROM kanmon.taken_back t
                WHERE t.request = a.request AND t.role = a.role)
            ORDER BY a.at, a.role),
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

-- As before. A yes that was taken back is not said again: what is asked anew is looked at anew.
CREATE OR REPLACE FUNCTION kanmon.say_yes(p_id text, p_hash text, p_what text, p_called text, p_names text[])
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
    PERFORM 1 FROM kanmon.taken_back t WHERE t.request = p_id AND t.role = v_role;
    IF FOUND THEN
        RAISE EXCEPTION 'you have taken your yes to request % back', p_id USING ERRCODE = 'KM016';
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

-- Says no to what a request showed (its hash), and why: it is over then. Said again it says the same.
CREATE FUNCTION kanmon.say_no(p_id text, p_hash text, p_reason text, p_names text[]) RETURNS void
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
    IF v_request.id IS NULL OR NOT kanmon.is_open(v_request) THEN
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

-- Takes the caller's yes to a request (by its id or its run's) back, where it is not used yet. Returns the
-- request's id; null where there is no such yes.
CREATE FUNCTION kanmon.take_back(p_id text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_role text := session_user;
    v_request kanmon.request;
BEGIN
    SELECT r.* INTO v_request FROM kanmon.request r
        JOIN kanmon.answer a ON a.request = r.id AND a.role = v_role
        WHERE r.id = p_id OR (r.run = p_id AND p_id <> '')
        ORDER BY r.id = p_id DESC, r.asked DESC LIMIT 1 FOR UPDATE OF r;
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF v_request.withdrawn IS NOT NULL OR v_request.claimed IS NOT NULL THEN
        RAISE EXCEPTION 'request % is over', v_request.id USING ERRCODE = 'KM012';
    END IF;
    INSERT INTO kanmon.taken_back (request, role, at)
        VALUES (v_request.id, v_role, clock_timestamp()) ON CONFLICT DO NOTHING;
    RETURN v_request.id;
END $$;

-- Returns who said no to a request of the caller's, and why.
CREATE FUNCTION kanmon.refused(p_id text) RETURNS TABLE (role text, reason text)
LANGUAGE sql SECURITY DEFINER STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT n.role, n.reason FROM kanmon.refusal n JOIN kanmon.request r ON r.id = n.request
    WHERE r.id = p_id AND r.host = session_user::text COLLATE "default" ORDER BY n.at LIMIT 1
$$;

REVOKE ALL ON FUNCTION kanmon.say_no(text, text, text, text[]), kanmon.take_back(text),
    kanmon.refused(text) FROM PUBLIC;
REVOKE ALL ON kanmon.refusal, kanmon.taken_back FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kanmon.say_no(text, text, text, text[]), kanmon.take_back(text)
    TO kanmon_approver;
GRANT EXECUTE ON FUNCTION kanmon.refused(text) TO kanmon_host;
GRANT SELECT ON kanmon.refusal, kanmon.taken_back TO kanmon_auditor;
