-- A commit as a function: it locks and looks, then writes. It says first which organisation it is about.
CREATE FUNCTION "{schema}"."holds"(organization uuid, change jsonb) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    part jsonb;
    e record;
    asked record;
    members uuid[];
BEGIN
    part := change->'organization';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."organization" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."organization" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."organization" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."organization" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR UPDATE;
            END IF;
            IF NOT FOUND THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    part := change->'membership';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."membership" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."membership" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."membership" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."membership" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR UPDATE;
            END IF;
            IF NOT FOUND THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    part := change->'pipeline';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."pipeline" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."pipeline" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."pipeline" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."pipeline" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR UPDATE;
            END IF;
            IF NOT FOUND THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    part := change->'contact';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."contact" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."contact" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."contact" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."contact" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR UPDATE;
            END IF;
            IF NOT FOUND THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    part := change->'deal';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."deal" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."deal" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."deal" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."deal" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR UPDATE;
            END IF;
            IF NOT FOUND THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    part := change->'task';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."task" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."task" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."task" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."task" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR UPDATE;
            END IF;
            IF NOT FOUND THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    part := change->'activity';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."activity" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."activity" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."activity" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."activity" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR UPDATE;
            END IF;
            IF NOT FOUND THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change ? 'held' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'held') AS r("kind" text, "field" text, "value" text, "holder" uuid) ORDER BY r.kind COLLATE "C", r.field COLLATE "C", r.value COLLATE "C" LOOP
            PERFORM 1 FROM "{schema}"."claim" AS c WHERE c.organization_id = organization AND c.kind = e.kind AND c.field = e.field AND c.value = e.value AND c.holder = e.holder FOR UPDATE;
            IF NOT FOUND THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    part := change->'remembered';
    IF part ? 'old_at' THEN
        PERFORM 1 FROM "{schema}"."remembered" AS r
        WHERE r.organization_id = organization AND r.actor = part->>'actor'
        AND r.operation = part->>'operation' AND r.key = part->>'key'
        AND r.digest = part->>'old_digest' AND r.at = (part->>'old_at')::timestamptz
        FOR UPDATE;
        IF NOT FOUND THEN
            RETURN FALSE;
        END IF;
    END IF;
    IF change->'organization' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'organization'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."organization" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change->'membership' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'membership'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."membership" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change->'pipeline' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'pipeline'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."pipeline" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change->'contact' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'contact'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."contact" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change->'deal' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'deal'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."deal" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change->'task' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'task'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."task" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change->'activity' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'activity'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."activity" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change ? 'free' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'free') AS r("kind" text, "field" text, "value" text, "holder" uuid) ORDER BY r.kind LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."claim" AS c WHERE c.organization_id = organization AND c.kind = e.kind AND c.field = e.field AND c.value = e.value) THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change ? 'sets' THEN
        PERFORM pg_advisory_xact_lock((l->>0)::int, (l->>1)::int) FROM jsonb_array_elements(change->'set_locks') AS l;
        FOR asked IN SELECT * FROM jsonb_to_recordset(change->'sets') AS s(query text, wanted text[], seen uuid[]) LOOP
            EXECUTE asked.query INTO members USING organization, asked.wanted;
            IF members <> asked.seen THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    RETURN TRUE;
END
$$;

CREATE FUNCTION "{schema}"."write"(organization uuid, change jsonb) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    part jsonb;
    e record;
    counted bigint;
    written bigint;
BEGIN
    written := 0;
    IF change ? 'mark' AND current_setting('crm.marked', TRUE) IS DISTINCT FROM change->>'mark' THEN
        PERFORM pg_advisory_xact_lock_shared((change->>'mark')::int, ((n.last_value << 32) >> 32)::int) FROM "{schema}"."event_number_seq" AS n;
        PERFORM set_config('crm.marked', change->>'mark', TRUE);
    END IF;
    IF change->'membership' ? 'new' THEN
        INSERT INTO "{schema}"."membership" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "role", "active", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."role", v."active", v."search_text"
        FROM jsonb_to_recordset(change->'membership'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "role" text, "active" boolean, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'pipeline' ? 'new' THEN
        INSERT INTO "{schema}"."pipeline" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "name", "stages", "name_normal", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."name", v."stages"::json, v."name_normal", v."search_text"
        FROM jsonb_to_recordset(change->'pipeline'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "name" text, "stages" text, "name_normal" text, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'organization' ? 'new' THEN
        INSERT INTO "{schema}"."organization" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "name", "description", "website", "phone", "email", "address", "city", "country", "postal_code", "default_currency", "time_zone", "default_pipeline", "active", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."name", v."description", v."website", v."phone", v."email", v."address", v."city", v."country", v."postal_code", v."default_currency", v."time_zone", v."default_pipeline", v."active", v."search_text"
        FROM jsonb_to_recordset(change->'organization'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "name" text, "description" text, "website" text, "phone" text, "email" text, "address" text, "city" text, "country" text, "postal_code" text, "default_currency" text, "time_zone" text, "default_pipeline" uuid, "active" boolean, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'contact' ? 'new' THEN
        INSERT INTO "{schema}"."contact" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "kind", "name", "first_name", "last_name", "email", "phone", "position", "company", "employer", "address", "city", "country", "postal_code", "notes", "owner", "active", "name_normal", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."kind", v."name", v."first_name", v."last_name", v."email", v."phone", v."position", v."company", v."employer", v."address", v."city", v."country", v."postal_code", v."notes", v."owner", v."active", v."name_normal", v."search_text"
        FROM jsonb_to_recordset(change->'contact'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "kind" text, "name" text, "first_name" text, "last_name" text, "email" text, "phone" text, "position" text, "company" text, "employer" uuid, "address" text, "city" text, "country" text, "postal_code" text, "notes" text, "owner" uuid, "active" boolean, "name_normal" text, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'deal' ? 'new' THEN
        INSERT INTO "{schema}"."deal" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "title", "description", "contact", "owner", "assignee", "amount", "currency", "status", "pipeline", "stage", "probability", "expected_close_date", "expected_close_at", "lost_reason", "outcome", "closed_at", "closed_from", "title_normal", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."title", v."description", v."contact", v."owner", v."assignee", v."amount"::numeric, v."currency", v."status", v."pipeline", v."stage", v."probability", v."expected_close_date", v."expected_close_at", v."lost_reason", v."outcome", v."closed_at", v."closed_from", v."title_normal", v."search_text"
        FROM jsonb_to_recordset(change->'deal'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "title" text, "description" text, "contact" uuid, "owner" uuid, "assignee" uuid, "amount" text, "currency" text, "status" text, "pipeline" uuid, "stage" text, "probability" bigint, "expected_close_date" date, "expected_close_at" timestamptz, "lost_reason" text, "outcome" text, "closed_at" timestamptz, "closed_from" text, "title_normal" text, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'task' ? 'new' THEN
        INSERT INTO "{schema}"."task" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "title", "description", "deal", "contact", "assignee", "status", "priority", "due_date", "due_at", "completed_at", "title_normal", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."title", v."description", v."deal", v."contact", v."assignee", v."status", v."priority", v."due_date", v."due_at", v."completed_at", v."title_normal", v."search_text"
        FROM jsonb_to_recordset(change->'task'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "title" text, "description" text, "deal" uuid, "contact" uuid, "assignee" uuid, "status" text, "priority" text, "due_date" date, "due_at" timestamptz, "completed_at" timestamptz, "title_normal" text, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'activity' ? 'new' THEN
        INSERT INTO "{schema}"."activity" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "kind", "deal", "contact", "title", "body", "occurred_at", "payload", "author", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."kind", v."deal", v."contact", v."title", v."body", v."occurred_at", v."payload"::json, v."author", v."search_text"
        FROM jsonb_to_recordset(change->'activity'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "kind" text, "deal" uuid, "contact" uuid, "title" text, "body" text, "occurred_at" timestamptz, "payload" text, "author" uuid, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'organization' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'organization'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "name" text, "description" text, "website" text, "phone" text, "email" text, "address" text, "city" text, "country" text, "postal_code" text, "default_currency" text, "time_zone" text, "default_pipeline" uuid, "active" boolean, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."organization" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "name" = e."name", "description" = e."description", "website" = e."website", "phone" = e."phone", "email" = e."email", "address" = e."address", "city" = e."city", "country" = e."country", "postal_code" = e."postal_code", "default_currency" = e."default_currency", "time_zone" = e."time_zone", "default_pipeline" = e."default_pipeline", "active" = e."active", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'membership' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'membership'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "role" text, "active" boolean, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."membership" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "role" = e."role", "active" = e."active", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'pipeline' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'pipeline'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "name" text, "stages" text, "name_normal" text, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."pipeline" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "name" = e."name", "stages" = e."stages"::json, "name_normal" = e."name_normal", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'contact' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'contact'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "kind" text, "name" text, "first_name" text, "last_name" text, "email" text, "phone" text, "position" text, "company" text, "employer" uuid, "address" text, "city" text, "country" text, "postal_code" text, "notes" text, "owner" uuid, "active" boolean, "name_normal" text, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."contact" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "kind" = e."kind", "name" = e."name", "first_name" = e."first_name", "last_name" = e."last_name", "email" = e."email", "phone" = e."phone", "position" = e."position", "company" = e."company", "employer" = e."employer", "address" = e."address", "city" = e."city", "country" = e."country", "postal_code" = e."postal_code", "notes" = e."notes", "owner" = e."owner", "active" = e."active", "name_normal" = e."name_normal", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'deal' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'deal'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "title" text, "description" text, "contact" uuid, "owner" uuid, "assignee" uuid, "amount" text, "currency" text, "status" text, "pipeline" uuid, "stage" text, "probability" bigint, "expected_close_date" date, "expected_close_at" timestamptz, "lost_reason" text, "outcome" text, "closed_at" timestamptz, "closed_from" text, "title_normal" text, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."deal" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "title" = e."title", "description" = e."description", "contact" = e."contact", "owner" = e."owner", "assignee" = e."assignee", "amount" = e."amount"::numeric, "currency" = e."currency", "status" = e."status", "pipeline" = e."pipeline", "stage" = e."stage", "probability" = e."probability", "expected_close_date" = e."expected_close_date", "expected_close_at" = e."expected_close_at", "lost_reason" = e."lost_reason", "outcome" = e."outcome", "closed_at" = e."closed_at", "closed_from" = e."closed_from", "title_normal" = e."title_normal", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'task' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'task'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "title" text, "description" text, "deal" uuid, "contact" uuid, "assignee" uuid, "status" text, "priority" text, "due_date" date, "due_at" timestamptz, "completed_at" timestamptz, "title_normal" text, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."task" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "title" = e."title", "description" = e."description", "deal" = e."deal", "contact" = e."contact", "assignee" = e."assignee", "status" = e."status", "priority" = e."priority", "due_date" = e."due_date", "due_at" = e."due_at", "completed_at" = e."completed_at", "title_normal" = e."title_normal", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'activity' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'activity'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "kind" text, "deal" uuid, "contact" uuid, "title" text, "body" text, "occurred_at" timestamptz, "payload" text, "author" uuid, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."activity" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "kind" = e."kind", "deal" = e."deal", "contact" = e."contact", "title" = e."title", "body" = e."body", "occurred_at" = e."occurred_at", "payload" = e."payload"::json, "author" = e."author", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change ? 'gone' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'gone') AS r("kind" text, "field" text, "value" text, "holder" uuid) ORDER BY r.kind LOOP
            DELETE FROM "{schema}"."claim" AS c WHERE c.organization_id = organization AND c.kind = e.kind AND c.field = e.field AND c.value = e.value;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change ? 'moved' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'moved') AS r("kind" text, "field" text, "value" text, "holder" uuid) ORDER BY r.kind LOOP
            UPDATE "{schema}"."claim" AS c SET holder = e.holder WHERE c.organization_id = organization AND c.kind = e.kind AND c.field = e.field AND c.value = e.value;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change ? 'taken' THEN
        INSERT INTO "{schema}"."claim" (organization_id, "kind", "field", "value", "holder")
        SELECT organization, v."kind", v."field", v."value", v."holder"
        FROM jsonb_to_recordset(change->'taken') AS v("kind" text, "field" text, "value" text, "holder" uuid);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    part := change->'remembered';
    IF part IS NOT NULL AND NOT part ? 'old_at' THEN
        INSERT INTO "{schema}"."remembered" (organization_id, "actor", "operation", "key", "digest", "answer", "at")
        SELECT organization, v."actor", v."operation", v."key", v."digest", v."answer"::json, v."at"
        FROM jsonb_to_recordset(jsonb_build_array(change->'remembered')) AS v("actor" text, "operation" text, "key" text, "digest" text, "answer" text, "at" timestamptz);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF part ? 'old_at' THEN
        UPDATE "{schema}"."remembered" AS r SET "digest" = v."digest", "answer" = v."answer"::json, "at" = v."at"
        FROM jsonb_to_recordset(jsonb_build_array(change->'remembered')) AS v("actor" text, "operation" text, "key" text, "digest" text, "answer" text, "at" timestamptz)
        WHERE r.organization_id = organization AND r.actor = v.actor AND r.operation = v.operation AND r.key = v.key;
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change ? 'ledger' THEN
        INSERT INTO "{schema}"."ledger" (organization_id, "kind", "subject", "version", "at", "actor", "command", "cause", "change", "fields")
        SELECT organization, v."kind", v."subject", v."version", v."at", v."actor"::json, v."command", v."cause", v."change", v."fields"::json
        FROM jsonb_to_recordset(change->'ledger') AS v("kind" text, "subject" uuid, "version" bigint, "at" timestamptz, "actor" text, "command" uuid, "cause" text, "change" text, "fields" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change ? 'event' THEN
        INSERT INTO "{schema}"."event" (organization_id, "id", "name", "kind", "subject", "version", "at", "actor", "command", "data")
        SELECT organization, v."id", v."name", v."kind", v."subject", v."version", v."at", v."actor"::json, v."command", v."data"::json
        FROM ROWS FROM (jsonb_to_recordset(change->'event') AS ("id" uuid, "name" text, "kind" text, "subject" uuid, "version" bigint, "at" timestamptz, "actor" text, "command" uuid, "data" text)) WITH ORDINALITY AS v("id", "name", "kind", "subject", "version", "at", "actor", "command", "data", place)
        ORDER BY v.place;
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    INSERT INTO "{schema}"."command" (organization_id, id) VALUES (organization, (change->>'command')::uuid);
    RETURN written + 1;
END
$$;

CREATE FUNCTION "{schema}"."commit"(organization uuid, change jsonb,
    OUT ok boolean, OUT written bigint, OUT blind boolean)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM set_config('crm.organization_id', organization::text, TRUE);
    PERFORM set_config('crm.user_id', '', TRUE);
    written := 0;
    blind := change ? 'sets' AND current_setting('transaction_isolation') = 'repeatable read';
    ok := "{schema}"."holds"(organization, change);
    IF NOT ok THEN
        RETURN;
    END IF;
    IF (change->>'joins')::boolean THEN
        BEGIN
            written := "{schema}"."write"(organization, change);
        EXCEPTION WHEN unique_violation THEN
            ok := FALSE;
        END;
    ELSE
        written := "{schema}"."write"(organization, change);
    END IF;
END
$$;
