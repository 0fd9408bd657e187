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

-- Names (logins on hosts, roles here; in lower case) that are one person's; whoever stands nowhere is a person
-- of their own name. Kept by the store's administrator.
CREATE TABLE kanmon.person (
    name   text PRIMARY KEY CHECK (name = lower(name)),
    person text NOT NULL CHECK (person = lower(person))
);

-- Returns all that these names are known as.
CREATE FUNCTION kanmon.persons(p_names text[]) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT n.one), '{}') FROM (
        SELECT lower(given.one) AS one FROM unnest(p_names) AS given(one)
        UNION ALL
        SELECT p.person FROM kanmon.person p
            WHERE p.name IN (SELECT lower(given.one) FROM unnest(p_names) AS given(one))
    ) n WHERE n.one <> ''
$$;

-- Returns whether a role is of another one; no where one of them is not there.
CREATE FUNCTION kanmon.is_of(p_role text, p_other text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM pg_roles r, pg_roles o
        WHERE r.rolname = p_role AND o.rolname = p_other AND pg_has_role(r.oid, o.oid, 'MEMBER'))
$$;

-- Returns whether a role is a person who may approve: hosts, the store's owner and superusers (who are of
-- every role) are none.
CREATE FUNCTION kanmon.may_approve(p_role text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT kanmon.is_of(p_role, 'kanmon_approver') AND NOT kanmon.is_of(p_role, 'kanmon_host')
        AND NOT kanmon.is_of(p_role, 'kanmon_owner')
$$;

-- Returns whether an array is a list of texts, without a null.
CREATE FUNCTION kanmon.is_list(p_texts text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(array_ndims(p_texts), 1) = 1 AND array_position(p_texts, NULL) IS NULL
$$;

-- Permits that count on every host. A giver is a login role: what a person gives is given as nobody else.
CREATE TABLE kanmon.permit (
    id      text PRIMARY KEY,
    giver   text NOT NULL,
    rules   text[] NOT NULL CHECK (cardinality(rules) > 0 AND kanmon.is_list(rules)),
    targets text[] NOT NULL CHECK (cardinality(targets) > 0 AND kanmon.is_list(targets)),
    users   text[] NOT NULL CHECK (kanmon.is_list(users)),
    begins  timestamptz NOT NULL,
    ends    timestamptz NOT NULL CHECK (ends > begins),
    agreed  text NOT NULL CHECK (agreed <> ''),
    reason  text NOT NULL CHECK (reason <> ''),
    count   integer CHECK (count > 0),
    steps   text[] CHECK (kanmon.is_list(steps)),
    made    timestamptz NOT NULL,
    revoked timestamptz,
    revoker text
);
CREATE INDEX permit_open ON kanmon.permit (ends) WHERE revoked IS NULL;

-- The runs that a permit stood in for something in. One that was not cleared in the end is no use.
CREATE TABLE kanmon.permit_use (
    permit text NOT NULL REFERENCES kanmon.permit (id),
    host   text NOT NULL,
    run    text NOT NULL,
    PRIMARY KEY (permit, host, run)
);

-- Nothing of a permit changes but that it is taken back, once.
CREATE FUNCTION kanmon.permit_stays() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.revoked IS NULL AND NEW.revoked IS NOT NULL
        AND (to_jsonb(OLD) - 'revoked' - 'revoker') = (to_jsonb(NEW) - 'revoked' - 'revoker') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'permits are never changed and never removed';
END $$;
CREATE TRIGGER permit_stays BEFORE UPDATE OR DELETE ON kanmon.permit
    FOR EACH ROW EXECUTE FUNCTION kanmon.permit_stays();
CREATE TRIGGER permit_use_stays BEFORE UPDATE OR DELETE ON kanmon.permit_use
    FOR EACH ROW EXECUTE FUNCTION kanmon.never();

-- Gives a permit that begins and ends so long from now. Only who may approve gives one.
CREATE FUNCTION kanmon.give_permit(
    p_id text, p_rules text[], p_targets text[], p_users text[], p_begins_ms bigint, p_ends_ms bigint,
    p_agreed text, p_reason text, p_count integer, p_steps text[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
BEGIN
    IF NOT kanmon.may_approve(session_user) THEN
        RAISE EXCEPTION 'role % is no person who may give permits', session_user
            USING ERRCODE = 'KM011';
    END IF;
    INSERT INTO kanmon.permit
        (id, giver, rules, targets, users, begins, ends, agreed, reason, count, steps, made)
        VALUES (p_id, session_user, p_rules, p_targets, p_users,
            v_now + p_begins_ms * interval '1 millisecond',
            v_now + p_ends_ms * interval '1 millisecond',
            p_agreed, p_reason, p_count, p_steps, v_now);
END $$;

-- Takes a permit back: one's own, or as the store's owner anybody's. Returns whether there was such a one.
CREATE FUNCTION kanmon.revoke_permit(p_id text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE kanmon.permit p SET revoked = clock_timestamp(), revoker = session_user
        WHERE p.id = p_id AND p.revoked IS NULL
          AND (p.giver = session_user OR pg_has_role(session_user, 'kanmon_owner', 'MEMBER'));
    RETURN FOUND;
END $$;

-- Returns in how many runs a permit stood in, other than this one: those that were cleared, or are about to be.
CREATE FUNCTION kanmon.permit_uses(p_permit text, p_host text, p_run text) RETURNS bigint
LANGUAGE sql SECURITY DEFINER STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT count(*) FROM kanmon.permit_use u
    JOIN kanmon.run r ON r.host = u.host AND r.run = u.run
    WHERE u.permit = p_permit AND NOT (u.host = p_host AND u.run = p_run)
      AND (r.cleared IS NOT NULL
        OR (r.over IS NULL AND r.claimed > clock_timestamp() - interval '60 seconds'))
$$;

-- Returns the permits that are neither over nor taken back, of givers who may still give them.
CREATE FUNCTION kanmon.permits()
RETURNS TABLE (id text, giver text, rules text[], targets text[], users text[], begins_ms bigint,
    ends_ms bigint, agreed text, reason text, count integer, uses bigint, steps text[])
LANGUAGE sql SECURITY DEFINER STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.id, p.giver, p.rules, p.targets, p.users,
        (extract(epoch FROM p.begins - clock_timestamp()) * 1000)::bigint,
        (extract(epoch FROM p.ends - clock_timestamp()) * 1000)::bigint,
        p.agreed, p.reason, p.count, kanmon.permit_uses(p.id, '', ''), p.steps
    FROM kanmon.permit p WHERE p.revoked IS NULL AND p.ends > clock_timestamp()
      AND kanmon.may_approve(p.giver)
    ORDER BY p.made, p.id
$$;

-- Uses permits for a run of the caller's, which is about to be cleared, and keeps everybody else from using or
-- taking them back until the transaction ends. The asker has these names besides the one on the record. Returns
-- those that do not count, and why.
CREATE FUNCTION kanmon.use_permits(p_chain text, p_run text, p_permits text[], p_names text[])
RETURNS TABLE (permit text, why text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_host text := session_user;
    v_now timestamptz := clock_timestamp();
    v_asker text[];
    v_id text;
    v_permit kanmon.permit%ROWTYPE;
BEGIN
    SELECT kanmon.persons(p_names || r.person) INTO v_asker FROM kanmon.run r
        WHERE r.host = v_host AND r.run = p_run AND r.chain = p_chain AND r.over IS NULL;
    IF NOT FOUND THEN
        -- Nothing is kept from others for a run that is not known.
        RETURN QUERY SELECT i, 'revoked' FROM unnest(p_permits) AS i;
        RETURN;
    END IF;
    FOR v_id IN SELECT DISTINCT i FROM unnest(p_permits) AS i ORDER BY i LOOP
        SELECT * INTO v_permit FROM kanmon.permit p WHERE p.id = v_id FOR UPDATE;
        permit := v_id;
        -- A permit of the asker's own is none, nor is one of a giver who may not give it any more.
        IF v_permit.id IS NULL OR v_permit.revoked IS NOT NULL
            OR kanmon.persons(ARRAY[v_permit.giver]) && v_asker
            OR NOT kanmon.may_approve(v_permit.giver) THEN
            why := 'revoked';
        ELSIF v_now < v_permit.begins OR v_now >= v_permit.ends THEN
            why := 'over';
        ELSIF kanmon.permit_uses(v_id, v_host, p_run) >= v_permit.count THEN
            why := 'used-up';
        ELSE
            INSERT INTO kanmon.permit_use (permit, host, run) VALUES (v_id, v_host, p_run)
                ON CONFLICT DO NOTHING;
            CONTINUE;
        END IF;
        RETURN NEXT;
    END LOOP;
END $$;

REVOKE ALL ON FUNCTION kanmon.persons(text[]), kanmon.is_of(text, text), kanmon.may_approve(text),
    kanmon.is_list(text[]), kanmon.permit_stays(),
    kanmon.give_permit(text, text[], text[], text[], bigint, bigint, text, text, integer, text[]),
    kanmon.revoke_permit(text), kanmon.permit_uses(text, text, text), kanmon.permits(),
    kanmon.use_permits(text, text, text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    kanmon.give_permit(text, text[], text[], text[], bigint, bigint, text, text, integer, text[]),
    kanmon.revoke_permit(text) TO kanmon_approver;
GRANT EXECUTE ON FUNCTION kanmon.permits() TO kanmon_host, kanmon_approver, kanmon_auditor;
GRANT EXECUTE ON FUNCTION kanmon.use_permits(text, text, text[], text[]) TO kanmon_host;
GRANT SELECT ON kanmon.person, kanmon.permit, kanmon.permit_use TO kanmon_auditor;
