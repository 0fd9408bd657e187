-- One claim, as Talk::claim holds it, for pgbench: all clients of one rule (-D each=0), or of a rule each (-D each=1).
-- `ci/scale-size` makes the runs of it.
BEGIN;
SELECT * FROM kanmon.chain_head('chain:client_id');
SELECT kanmon.lock_rules(ARRAY['claimed' || :client_id * :each]);
SELECT * FROM kanmon.recent('claimed' || :client_id * :each, '{node:client_id}', 1000, '{}');
SELECT kanmon.claim('chain:client_id', 'claimed:client_id');
COMMIT;
