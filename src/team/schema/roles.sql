-- Whose the store is, and who may what. Roles are the whole server's: other databases may have made them.
DO $$
DECLARE
    v_role text;
BEGIN
    FOREACH v_role IN ARRAY
        ARRAY['kanmon_owner', 'kanmon_host', 'kanmon_approver', 'kanmon_auditor']
    LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = v_role) THEN
            EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', v_role);
        END IF;
    END LOOP;
    EXECUTE pg_catalog.format('GRANT kanmon_owner TO %I', current_user);
END $$;
