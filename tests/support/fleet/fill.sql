-- Fills a new store with so many runs (`-v runs=N`), as a superuser: 10,007 hosts and targets, 20 rules, one record
-- a run, of the length that records have on the average (docs/scale.md). The newest run ended now, each one before
-- it 83 ms earlier, as at 12 a second. Indexes are made behind the rows, as a restored dump has them.
--
-- What fills it leaves no log where the server's `wal_level` is `minimal`: the tables are new files.

SET session_replication_role = replica;
SET maintenance_work_mem = '512MB';
BEGIN;

CREATE TEMP TABLE put_aside ON COMMIT DROP AS
    SELECT 0 AS turn, format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS make,
        format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS lift
    FROM pg_constraint
    WHERE contype = 'p' AND conrelid IN ('kanmon.record'::regclass, 'kanmon.run'::regclass, 'kanmon.run_rule'::regclass)
    UNION ALL
    SELECT 1, pg_get_indexdef(indexrelid), format('DROP INDEX %s', indexrelid::regclass)
    FROM pg_index
    WHERE NOT indisprimary AND indrelid IN ('kanmon.record'::regclass, 'kanmon.run'::regclass, 'kanmon.run_rule'::regclass);
DO $$
DECLARE
    v_lift text;
    v_table text;
BEGIN
    FOR v_lift IN SELECT lift FROM put_aside ORDER BY turn LOOP
        EXECUTE v_lift;
    END LOOP;
    FOREACH v_table IN ARRAY ARRAY['record', 'run', 'run_rule'] LOOP
        EXECUTE format('ALTER TABLE kanmon.%I SET UNLOGGED', v_table);
        EXECUTE format('ALTER TABLE kanmon.%I SET LOGGED', v_table);
    END LOOP;
END $$;

CREATE FUNCTION pg_temp.host(i bigint) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN 'web' || lpad((i % 10007)::text, 6, '0');
CREATE FUNCTION pg_temp.chain(i bigint) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN md5((i % 10007)::text);
CREATE FUNCTION pg_temp.run(i bigint, t timestamptz) RETURNS text LANGUAGE sql STABLE
    RETURN to_char(t, 'YYYYMMDD"T"HH24MISS') || '-4711-' || lpad(to_hex(i), 6, '0');
CREATE FUNCTION pg_temp.at(i bigint, n bigint) RETURNS timestamptz LANGUAGE sql STABLE
    RETURN now() - (n - i) * interval '83.333 ms';

INSERT INTO kanmon.record (host, chain, seq, run, kind, utc, boot_ns, boot_id, body, prev, hash, arrived)
    SELECT pg_temp.host(i), pg_temp.chain(i), 1 + (i - 1) / 10007, pg_temp.run(i, t), 'opened',
        to_char(t, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), i * 83333000, 'f702570f-8f4e-4d80-9e5c-93537dacd83c',
        rpad('{"run":"' || pg_temp.run(i, t) || '","event":{"kind":"opened","line":"ssh node' || i % 10007
            || ' systemctl restart nginx","door":"', 190, 'prefix'),
        sha256((i - 10007)::text::bytea), sha256(i::text::bytea), t
    FROM generate_series(1::bigint, :runs) i, LATERAL (SELECT pg_temp.at(i, :runs) AS t OFFSET 0) x;
INSERT INTO kanmon.run (host, run, chain, person, drill, opened, claimed, cleared, ended, over, well)
    SELECT pg_temp.host(i), pg_temp.run(i, t), pg_temp.chain(i), 'ann', false, t, t, t, t, t, true
    FROM generate_series(1::bigint, :runs) i, LATERAL (SELECT pg_temp.at(i, :runs) AS t OFFSET 0) x;
INSERT INTO kanmon.run_rule (rule, target, host, run, state, at, bound)
    SELECT 'rule' || i % 20, 'node' || i % 10007, pg_temp.host(i), pg_temp.run(i, t), 3, t, '{}'
    FROM generate_series(1::bigint, :runs) i, LATERAL (SELECT pg_temp.at(i, :runs) AS t OFFSET 0) x;
INSERT INTO kanmon.chain (host, chain, first_seq, first_prev, seq, hash, newest)
    SELECT pg_temp.host(i), pg_temp.chain(i), 1, sha256((i - 10007)::text::bytea), 1 + (:runs - i) / 10007,
        sha256((i + (:runs - i) / 10007 * 10007)::text::bytea), now()
    FROM generate_series(1::bigint, least(:runs, 10007)) i;

DO $$
DECLARE
    v_make text;
BEGIN
    FOR v_make IN SELECT make FROM put_aside ORDER BY turn LOOP
        EXECUTE v_make;
    END LOOP;
END $$;
COMMIT;
VACUUM (ANALYZE);
CHECKPOINT;
