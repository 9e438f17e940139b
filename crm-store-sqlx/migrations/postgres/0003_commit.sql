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
    part := change->'campaign';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."campaign" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."campaign" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."campaign" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."campaign" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR UPDATE;
            END IF;
            IF NOT FOUND THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    part := change->'cost';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."cost" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."cost" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."cost" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."cost" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR UPDATE;
            END IF;
            IF NOT FOUND THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    part := change->'complex';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."complex" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."complex" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."complex" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."complex" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR UPDATE;
            END IF;
            IF NOT FOUND THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    part := change->'unit';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."unit" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."unit" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."unit" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."unit" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR UPDATE;
            END IF;
            IF NOT FOUND THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    part := change->'price';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."price" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."price" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."price" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."price" AS t WHERE t.organization_id = organization AND t.id = e.id
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
    part := change->'lead';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."lead" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."lead" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."lead" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."lead" AS t WHERE t.organization_id = organization AND t.id = e.id
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
    part := change->'hold';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."hold" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."hold" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."hold" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."hold" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR UPDATE;
            END IF;
            IF NOT FOUND THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    part := change->'buyer';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."buyer" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."buyer" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."buyer" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."buyer" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR UPDATE;
            END IF;
            IF NOT FOUND THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    part := change->'contract';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."contract" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."contract" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."contract" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."contract" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR UPDATE;
            END IF;
            IF NOT FOUND THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    part := change->'payment_plan';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."payment_plan" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."payment_plan" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."payment_plan" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."payment_plan" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR UPDATE;
            END IF;
            IF NOT FOUND THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    part := change->'installment';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."installment" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."installment" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."installment" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."installment" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR UPDATE;
            END IF;
            IF NOT FOUND THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    part := change->'payment';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."payment" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."payment" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."payment" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."payment" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR UPDATE;
            END IF;
            IF NOT FOUND THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    part := change->'allocation';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."allocation" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."allocation" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."allocation" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."allocation" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR UPDATE;
            END IF;
            IF NOT FOUND THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    part := change->'expense';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."expense" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."expense" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."expense" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."expense" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR UPDATE;
            END IF;
            IF NOT FOUND THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    part := change->'counter';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."counter" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."counter" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."counter" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."counter" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR UPDATE;
            END IF;
            IF NOT FOUND THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    part := change->'attendance';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."attendance" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."attendance" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."attendance" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."attendance" AS t WHERE t.organization_id = organization AND t.id = e.id
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
    part := change->'reference';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."reference" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."reference" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."reference" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."reference" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR UPDATE;
            END IF;
            IF NOT FOUND THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    part := change->'incoming';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."incoming" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."incoming" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."incoming" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."incoming" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR UPDATE;
            END IF;
            IF NOT FOUND THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    part := change->'target';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."target" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."target" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."target" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."target" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR UPDATE;
            END IF;
            IF NOT FOUND THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    part := change->'delivery';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."delivery" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."delivery" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."delivery" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."delivery" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR UPDATE;
            END IF;
            IF NOT FOUND THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    part := change->'notification';
    IF part ? 'present' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(part->'present') AS r("id" uuid, "version" bigint) ORDER BY r.id LOOP
            IF part->>'strength' = 'KEY SHARE' THEN
                PERFORM 1 FROM "{schema}"."notification" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR KEY SHARE;
            ELSIF part->>'strength' = 'SHARE' THEN
                PERFORM 1 FROM "{schema}"."notification" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR SHARE;
            ELSIF part->>'strength' = 'NO KEY UPDATE' THEN
                PERFORM 1 FROM "{schema}"."notification" AS t WHERE t.organization_id = organization AND t.id = e.id
                AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END
                FOR NO KEY UPDATE;
            ELSIF part->>'strength' = 'UPDATE' THEN
                PERFORM 1 FROM "{schema}"."notification" AS t WHERE t.organization_id = organization AND t.id = e.id
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
    IF change->'campaign' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'campaign'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."campaign" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change->'cost' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'cost'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."cost" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change->'complex' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'complex'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."complex" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change->'unit' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'unit'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."unit" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change->'price' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'price'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."price" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
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
    IF change->'lead' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'lead'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."lead" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
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
    IF change->'hold' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'hold'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."hold" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change->'buyer' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'buyer'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."buyer" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change->'contract' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'contract'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."contract" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change->'payment_plan' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'payment_plan'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."payment_plan" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change->'installment' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'installment'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."installment" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change->'payment' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'payment'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."payment" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change->'allocation' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'allocation'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."allocation" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change->'expense' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'expense'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."expense" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change->'counter' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'counter'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."counter" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change->'attendance' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'attendance'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."attendance" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
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
    IF change->'reference' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'reference'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."reference" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change->'incoming' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'incoming'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."incoming" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change->'target' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'target'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."target" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change->'delivery' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'delivery'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."delivery" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
                RETURN FALSE;
            END IF;
        END LOOP;
    END IF;
    IF change->'notification' ? 'absent' THEN
        FOR e IN SELECT r.* FROM (SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'notification'->'absent') AS i) AS r ORDER BY r.id LOOP
            IF EXISTS (SELECT 1 FROM "{schema}"."notification" AS t WHERE t.organization_id = organization AND t.id = e.id) THEN
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
        INSERT INTO "{schema}"."membership" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "role", "active", "working_time", "working_days", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."role", v."active", v."working_time", v."working_days", v."search_text"
        FROM jsonb_to_recordset(change->'membership'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "role" text, "active" boolean, "working_time" text, "working_days" text, "search_text" text);
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
    IF change->'campaign' ? 'new' THEN
        INSERT INTO "{schema}"."campaign" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "name", "platform", "account", "status", "starts_on", "ends_on", "budget", "currency", "impressions", "clicks", "conversions", "owner", "notes", "name_normal", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."name", v."platform", v."account", v."status", v."starts_on", v."ends_on", v."budget"::numeric, v."currency", v."impressions", v."clicks", v."conversions", v."owner", v."notes", v."name_normal", v."search_text"
        FROM jsonb_to_recordset(change->'campaign'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "name" text, "platform" text, "account" text, "status" text, "starts_on" date, "ends_on" date, "budget" text, "currency" text, "impressions" bigint, "clicks" bigint, "conversions" bigint, "owner" uuid, "notes" text, "name_normal" text, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'cost' ? 'new' THEN
        INSERT INTO "{schema}"."cost" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "campaign", "source", "spent_on", "amount", "currency", "note", "author", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."campaign", v."source", v."spent_on", v."amount"::numeric, v."currency", v."note", v."author", v."search_text"
        FROM jsonb_to_recordset(change->'cost'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "campaign" uuid, "source" text, "spent_on" date, "amount" text, "currency" text, "note" text, "author" uuid, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'complex' ? 'new' THEN
        INSERT INTO "{schema}"."complex" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "name", "slug", "city", "address", "description", "currency", "term_months", "term_starts_on", "hybrid_allowed", "identity", "name_normal", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."name", v."slug", v."city", v."address", v."description", v."currency", v."term_months", v."term_starts_on", v."hybrid_allowed", v."identity", v."name_normal", v."search_text"
        FROM jsonb_to_recordset(change->'complex'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "name" text, "slug" text, "city" text, "address" text, "description" text, "currency" text, "term_months" bigint, "term_starts_on" date, "hybrid_allowed" boolean, "identity" text, "name_normal" text, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'unit' ? 'new' THEN
        INSERT INTO "{schema}"."unit" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "complex", "block", "floor", "number", "category", "rooms", "area", "origin", "identity", "sold", "held_until", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."complex", v."block", v."floor", v."number", v."category", v."rooms", v."area"::numeric, v."origin", v."identity", v."sold", v."held_until", v."search_text"
        FROM jsonb_to_recordset(change->'unit'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "complex" uuid, "block" text, "floor" bigint, "number" text, "category" text, "rooms" bigint, "area" text, "origin" text, "identity" text, "sold" boolean, "held_until" timestamptz, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'price' ? 'new' THEN
        INSERT INTO "{schema}"."price" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "complex", "floor", "share", "amount", "identity", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."complex", v."floor", v."share"::numeric, v."amount"::numeric, v."identity", v."search_text"
        FROM jsonb_to_recordset(change->'price'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "complex" uuid, "floor" bigint, "share" text, "amount" text, "identity" text, "search_text" text);
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
    IF change->'lead' ? 'new' THEN
        INSERT INTO "{schema}"."lead" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "name", "phone", "email", "region", "company", "position", "rating", "stage", "source", "source_note", "campaign", "utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term", "interest", "timeline", "budget", "currency", "unit", "contact", "owner", "next_contact_at", "close_reason", "notes", "details", "phone_key", "email_key", "duplicate_of", "closed_from", "closed_at", "assigned_at", "assigned_on", "assignment", "converted_at", "touched_at", "offer_total", "offer_price", "offer_down", "offer_share", "offer_monthly", "offer_final", "name_normal", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."name", v."phone", v."email", v."region", v."company", v."position", v."rating", v."stage", v."source", v."source_note", v."campaign", v."utm_source", v."utm_medium", v."utm_campaign", v."utm_content", v."utm_term", v."interest", v."timeline", v."budget"::numeric, v."currency", v."unit", v."contact", v."owner", v."next_contact_at", v."close_reason", v."notes", v."details"::json, v."phone_key", v."email_key", v."duplicate_of", v."closed_from", v."closed_at", v."assigned_at", v."assigned_on", v."assignment", v."converted_at", v."touched_at", v."offer_total"::numeric, v."offer_price"::numeric, v."offer_down"::numeric, v."offer_share"::numeric, v."offer_monthly"::numeric, v."offer_final"::numeric, v."name_normal", v."search_text"
        FROM jsonb_to_recordset(change->'lead'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "name" text, "phone" text, "email" text, "region" text, "company" text, "position" text, "rating" text, "stage" text, "source" text, "source_note" text, "campaign" uuid, "utm_source" text, "utm_medium" text, "utm_campaign" text, "utm_content" text, "utm_term" text, "interest" text, "timeline" text, "budget" text, "currency" text, "unit" uuid, "contact" uuid, "owner" uuid, "next_contact_at" timestamptz, "close_reason" text, "notes" text, "details" text, "phone_key" text, "email_key" text, "duplicate_of" uuid, "closed_from" text, "closed_at" timestamptz, "assigned_at" timestamptz, "assigned_on" date, "assignment" text, "converted_at" timestamptz, "touched_at" timestamptz, "offer_total" text, "offer_price" text, "offer_down" text, "offer_share" text, "offer_monthly" text, "offer_final" text, "name_normal" text, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'deal' ? 'new' THEN
        INSERT INTO "{schema}"."deal" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "title", "description", "contact", "lead", "owner", "assignee", "amount", "currency", "status", "pipeline", "stage", "probability", "expected_close_date", "expected_close_at", "lost_reason", "outcome", "closed_at", "closed_from", "title_normal", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."title", v."description", v."contact", v."lead", v."owner", v."assignee", v."amount"::numeric, v."currency", v."status", v."pipeline", v."stage", v."probability", v."expected_close_date", v."expected_close_at", v."lost_reason", v."outcome", v."closed_at", v."closed_from", v."title_normal", v."search_text"
        FROM jsonb_to_recordset(change->'deal'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "title" text, "description" text, "contact" uuid, "lead" uuid, "owner" uuid, "assignee" uuid, "amount" text, "currency" text, "status" text, "pipeline" uuid, "stage" text, "probability" bigint, "expected_close_date" date, "expected_close_at" timestamptz, "lost_reason" text, "outcome" text, "closed_at" timestamptz, "closed_from" text, "title_normal" text, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'hold' ? 'new' THEN
        INSERT INTO "{schema}"."hold" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "unit", "lead", "until", "note", "holder", "status", "extensions", "ended_at", "slot", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."unit", v."lead", v."until", v."note", v."holder", v."status", v."extensions", v."ended_at", v."slot", v."search_text"
        FROM jsonb_to_recordset(change->'hold'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "unit" uuid, "lead" uuid, "until" timestamptz, "note" text, "holder" uuid, "status" text, "extensions" bigint, "ended_at" timestamptz, "slot" text, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'buyer' ? 'new' THEN
        INSERT INTO "{schema}"."buyer" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "name", "passport", "personal_id", "issued_by", "issued_on", "address", "phone", "email", "erased_at", "name_normal", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."name", v."passport", v."personal_id", v."issued_by", v."issued_on", v."address", v."phone", v."email", v."erased_at", v."name_normal", v."search_text"
        FROM jsonb_to_recordset(change->'buyer'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "name" text, "passport" text, "personal_id" text, "issued_by" text, "issued_on" date, "address" text, "phone" text, "email" text, "erased_at" timestamptz, "name_normal" text, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'contract' ? 'new' THEN
        INSERT INTO "{schema}"."contract" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "number", "dated_on", "deal", "lead", "unit", "buyer", "price", "discount", "surcharge", "adjustment_reason", "total", "currency", "share", "down", "department", "details", "status", "author", "complex", "block", "floor", "unit_number", "rooms", "area", "signed_at", "cancelled_at", "cancel_reason", "identity", "slot", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."number", v."dated_on", v."deal", v."lead", v."unit", v."buyer", v."price"::numeric, v."discount"::numeric, v."surcharge"::numeric, v."adjustment_reason", v."total"::numeric, v."currency", v."share"::numeric, v."down"::numeric, v."department", v."details"::json, v."status", v."author", v."complex", v."block", v."floor", v."unit_number", v."rooms", v."area"::numeric, v."signed_at", v."cancelled_at", v."cancel_reason", v."identity", v."slot", v."search_text"
        FROM jsonb_to_recordset(change->'contract'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "number" text, "dated_on" date, "deal" uuid, "lead" uuid, "unit" uuid, "buyer" uuid, "price" text, "discount" text, "surcharge" text, "adjustment_reason" text, "total" text, "currency" text, "share" text, "down" text, "department" text, "details" text, "status" text, "author" uuid, "complex" uuid, "block" text, "floor" bigint, "unit_number" text, "rooms" bigint, "area" text, "signed_at" timestamptz, "cancelled_at" timestamptz, "cancel_reason" text, "identity" text, "slot" text, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'payment_plan' ? 'new' THEN
        INSERT INTO "{schema}"."payment_plan" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "contract", "lead", "kind", "total", "currency", "starts_on", "status", "edition", "replaces", "cancel_reason", "slot", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."contract", v."lead", v."kind", v."total"::numeric, v."currency", v."starts_on", v."status", v."edition", v."replaces", v."cancel_reason", v."slot", v."search_text"
        FROM jsonb_to_recordset(change->'payment_plan'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "contract" uuid, "lead" uuid, "kind" text, "total" text, "currency" text, "starts_on" date, "status" text, "edition" bigint, "replaces" uuid, "cancel_reason" text, "slot" text, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'installment' ? 'new' THEN
        INSERT INTO "{schema}"."installment" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "plan", "number", "role", "amount", "due_on", "contract", "lead", "currency", "paid", "outstanding", "paid_on", "on_time", "status", "identity", "overdue_noted_at", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."plan", v."number", v."role", v."amount"::numeric, v."due_on", v."contract", v."lead", v."currency", v."paid"::numeric, v."outstanding"::numeric, v."paid_on", v."on_time", v."status", v."identity", v."overdue_noted_at", v."search_text"
        FROM jsonb_to_recordset(change->'installment'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "plan" uuid, "number" bigint, "role" text, "amount" text, "due_on" date, "contract" uuid, "lead" uuid, "currency" text, "paid" text, "outstanding" text, "paid_on" date, "on_time" boolean, "status" text, "identity" text, "overdue_noted_at" timestamptz, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'payment' ? 'new' THEN
        INSERT INTO "{schema}"."payment" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "plan", "contract", "lead", "amount", "currency", "received_on", "method", "note", "entry", "author", "reverses", "reversed_by", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."plan", v."contract", v."lead", v."amount"::numeric, v."currency", v."received_on", v."method", v."note", v."entry", v."author", v."reverses", v."reversed_by", v."search_text"
        FROM jsonb_to_recordset(change->'payment'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "plan" uuid, "contract" uuid, "lead" uuid, "amount" text, "currency" text, "received_on" date, "method" text, "note" text, "entry" text, "author" uuid, "reverses" uuid, "reversed_by" uuid, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'allocation' ? 'new' THEN
        INSERT INTO "{schema}"."allocation" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "payment", "installment", "plan", "lead", "amount", "currency", "received_on", "reversed", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."payment", v."installment", v."plan", v."lead", v."amount"::numeric, v."currency", v."received_on", v."reversed", v."search_text"
        FROM jsonb_to_recordset(change->'allocation'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "payment" uuid, "installment" uuid, "plan" uuid, "lead" uuid, "amount" text, "currency" text, "received_on" date, "reversed" boolean, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'expense' ? 'new' THEN
        INSERT INTO "{schema}"."expense" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "title", "description", "amount", "currency", "category", "status", "spent_on", "receipts", "author", "paid_at", "title_normal", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."title", v."description", v."amount"::numeric, v."currency", v."category", v."status", v."spent_on", v."receipts"::json, v."author", v."paid_at", v."title_normal", v."search_text"
        FROM jsonb_to_recordset(change->'expense'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "title" text, "description" text, "amount" text, "currency" text, "category" text, "status" text, "spent_on" date, "receipts" text, "author" uuid, "paid_at" timestamptz, "title_normal" text, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'counter' ? 'new' THEN
        INSERT INTO "{schema}"."counter" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "scope", "last", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."scope", v."last", v."search_text"
        FROM jsonb_to_recordset(change->'counter'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "scope" text, "last" bigint, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'attendance' ? 'new' THEN
        INSERT INTO "{schema}"."attendance" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "member", "day", "check_in", "check_out", "status", "note", "identity", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."member", v."day", v."check_in", v."check_out", v."status", v."note", v."identity", v."search_text"
        FROM jsonb_to_recordset(change->'attendance'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "member" uuid, "day" date, "check_in" timestamptz, "check_out" timestamptz, "status" text, "note" text, "identity" text, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'task' ? 'new' THEN
        INSERT INTO "{schema}"."task" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "title", "description", "deal", "contact", "lead", "assignee", "status", "priority", "due_date", "due_at", "completed_at", "title_normal", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."title", v."description", v."deal", v."contact", v."lead", v."assignee", v."status", v."priority", v."due_date", v."due_at", v."completed_at", v."title_normal", v."search_text"
        FROM jsonb_to_recordset(change->'task'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "title" text, "description" text, "deal" uuid, "contact" uuid, "lead" uuid, "assignee" uuid, "status" text, "priority" text, "due_date" date, "due_at" timestamptz, "completed_at" timestamptz, "title_normal" text, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'activity' ? 'new' THEN
        INSERT INTO "{schema}"."activity" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "kind", "deal", "contact", "lead", "title", "body", "occurred_at", "payload", "author", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."kind", v."deal", v."contact", v."lead", v."title", v."body", v."occurred_at", v."payload"::json, v."author", v."search_text"
        FROM jsonb_to_recordset(change->'activity'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "kind" text, "deal" uuid, "contact" uuid, "lead" uuid, "title" text, "body" text, "occurred_at" timestamptz, "payload" text, "author" uuid, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'reference' ? 'new' THEN
        INSERT INTO "{schema}"."reference" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "system", "kind", "external_id", "lead", "contact", "deal", "member", "identity", "remote_version", "remote_at", "gone", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."system", v."kind", v."external_id", v."lead", v."contact", v."deal", v."member", v."identity", v."remote_version", v."remote_at", v."gone", v."search_text"
        FROM jsonb_to_recordset(change->'reference'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "system" text, "kind" text, "external_id" text, "lead" uuid, "contact" uuid, "deal" uuid, "member" uuid, "identity" text, "remote_version" bigint, "remote_at" timestamptz, "gone" boolean, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'incoming' ? 'new' THEN
        INSERT INTO "{schema}"."incoming" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "system", "kind", "action", "external_id", "event_id", "remote_version", "remote_at", "content", "identity", "status", "reason", "waits_for", "lead", "attempts", "settled_at", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."system", v."kind", v."action", v."external_id", v."event_id", v."remote_version", v."remote_at", v."content"::json, v."identity", v."status", v."reason", v."waits_for", v."lead", v."attempts", v."settled_at", v."search_text"
        FROM jsonb_to_recordset(change->'incoming'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "system" text, "kind" text, "action" text, "external_id" text, "event_id" text, "remote_version" bigint, "remote_at" timestamptz, "content" text, "identity" text, "status" text, "reason" text, "waits_for" text, "lead" uuid, "attempts" bigint, "settled_at" timestamptz, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'target' ? 'new' THEN
        INSERT INTO "{schema}"."target" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "name", "breaker", "failures", "turn", "open_until", "probe_until", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."name", v."breaker", v."failures", v."turn", v."open_until", v."probe_until", v."search_text"
        FROM jsonb_to_recordset(change->'target'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "name" text, "breaker" text, "failures" bigint, "turn" bigint, "open_until" timestamptz, "probe_until" timestamptz, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'delivery' ? 'new' THEN
        INSERT INTO "{schema}"."delivery" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "target", "event", "lane", "content", "lead", "number", "status", "attempts", "next_at", "lease_until", "lease", "turn", "last_error", "external_id", "settled_at", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."target", v."event", v."lane", v."content"::json, v."lead", v."number", v."status", v."attempts", v."next_at", v."lease_until", v."lease", v."turn", v."last_error", v."external_id", v."settled_at", v."search_text"
        FROM jsonb_to_recordset(change->'delivery'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "target" text, "event" text, "lane" text, "content" text, "lead" uuid, "number" bigint, "status" text, "attempts" bigint, "next_at" timestamptz, "lease_until" timestamptz, "lease" bigint, "turn" bigint, "last_error" text, "external_id" text, "settled_at" timestamptz, "search_text" text);
        GET DIAGNOSTICS counted = ROW_COUNT;
        written := written + counted;
    END IF;
    IF change->'notification' ? 'new' THEN
        INSERT INTO "{schema}"."notification" (organization_id, "id", "version", "created_at", "updated_at", "deleted_at", "deleted_by", "channel", "user", "recipient", "template", "variables", "subject", "message", "priority", "scheduled_at", "lead", "deal", "origin", "status", "attempts", "next_at", "lease_until", "lease", "last_error", "sent_at", "delivered_at", "read_at", "search_text")
        SELECT organization, v."id", v."version", v."created_at", v."updated_at", v."deleted_at", v."deleted_by", v."channel", v."user", v."recipient", v."template", v."variables"::json, v."subject", v."message", v."priority", v."scheduled_at", v."lead", v."deal", v."origin", v."status", v."attempts", v."next_at", v."lease_until", v."lease", v."last_error", v."sent_at", v."delivered_at", v."read_at", v."search_text"
        FROM jsonb_to_recordset(change->'notification'->'new') AS v("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "channel" text, "user" uuid, "recipient" text, "template" text, "variables" text, "subject" text, "message" text, "priority" text, "scheduled_at" timestamptz, "lead" uuid, "deal" uuid, "origin" text, "status" text, "attempts" bigint, "next_at" timestamptz, "lease_until" timestamptz, "lease" bigint, "last_error" text, "sent_at" timestamptz, "delivered_at" timestamptz, "read_at" timestamptz, "search_text" text);
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
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'membership'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "role" text, "active" boolean, "working_time" text, "working_days" text, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."membership" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "role" = e."role", "active" = e."active", "working_time" = e."working_time", "working_days" = e."working_days", "search_text" = e."search_text"
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
    IF change->'campaign' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'campaign'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "name" text, "platform" text, "account" text, "status" text, "starts_on" date, "ends_on" date, "budget" text, "currency" text, "impressions" bigint, "clicks" bigint, "conversions" bigint, "owner" uuid, "notes" text, "name_normal" text, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."campaign" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "name" = e."name", "platform" = e."platform", "account" = e."account", "status" = e."status", "starts_on" = e."starts_on", "ends_on" = e."ends_on", "budget" = e."budget"::numeric, "currency" = e."currency", "impressions" = e."impressions", "clicks" = e."clicks", "conversions" = e."conversions", "owner" = e."owner", "notes" = e."notes", "name_normal" = e."name_normal", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'cost' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'cost'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "campaign" uuid, "source" text, "spent_on" date, "amount" text, "currency" text, "note" text, "author" uuid, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."cost" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "campaign" = e."campaign", "source" = e."source", "spent_on" = e."spent_on", "amount" = e."amount"::numeric, "currency" = e."currency", "note" = e."note", "author" = e."author", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'complex' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'complex'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "name" text, "slug" text, "city" text, "address" text, "description" text, "currency" text, "term_months" bigint, "term_starts_on" date, "hybrid_allowed" boolean, "identity" text, "name_normal" text, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."complex" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "name" = e."name", "slug" = e."slug", "city" = e."city", "address" = e."address", "description" = e."description", "currency" = e."currency", "term_months" = e."term_months", "term_starts_on" = e."term_starts_on", "hybrid_allowed" = e."hybrid_allowed", "identity" = e."identity", "name_normal" = e."name_normal", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'unit' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'unit'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "complex" uuid, "block" text, "floor" bigint, "number" text, "category" text, "rooms" bigint, "area" text, "origin" text, "identity" text, "sold" boolean, "held_until" timestamptz, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."unit" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "complex" = e."complex", "block" = e."block", "floor" = e."floor", "number" = e."number", "category" = e."category", "rooms" = e."rooms", "area" = e."area"::numeric, "origin" = e."origin", "identity" = e."identity", "sold" = e."sold", "held_until" = e."held_until", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'price' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'price'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "complex" uuid, "floor" bigint, "share" text, "amount" text, "identity" text, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."price" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "complex" = e."complex", "floor" = e."floor", "share" = e."share"::numeric, "amount" = e."amount"::numeric, "identity" = e."identity", "search_text" = e."search_text"
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
    IF change->'lead' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'lead'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "name" text, "phone" text, "email" text, "region" text, "company" text, "position" text, "rating" text, "stage" text, "source" text, "source_note" text, "campaign" uuid, "utm_source" text, "utm_medium" text, "utm_campaign" text, "utm_content" text, "utm_term" text, "interest" text, "timeline" text, "budget" text, "currency" text, "unit" uuid, "contact" uuid, "owner" uuid, "next_contact_at" timestamptz, "close_reason" text, "notes" text, "details" text, "phone_key" text, "email_key" text, "duplicate_of" uuid, "closed_from" text, "closed_at" timestamptz, "assigned_at" timestamptz, "assigned_on" date, "assignment" text, "converted_at" timestamptz, "touched_at" timestamptz, "offer_total" text, "offer_price" text, "offer_down" text, "offer_share" text, "offer_monthly" text, "offer_final" text, "name_normal" text, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."lead" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "name" = e."name", "phone" = e."phone", "email" = e."email", "region" = e."region", "company" = e."company", "position" = e."position", "rating" = e."rating", "stage" = e."stage", "source" = e."source", "source_note" = e."source_note", "campaign" = e."campaign", "utm_source" = e."utm_source", "utm_medium" = e."utm_medium", "utm_campaign" = e."utm_campaign", "utm_content" = e."utm_content", "utm_term" = e."utm_term", "interest" = e."interest", "timeline" = e."timeline", "budget" = e."budget"::numeric, "currency" = e."currency", "unit" = e."unit", "contact" = e."contact", "owner" = e."owner", "next_contact_at" = e."next_contact_at", "close_reason" = e."close_reason", "notes" = e."notes", "details" = e."details"::json, "phone_key" = e."phone_key", "email_key" = e."email_key", "duplicate_of" = e."duplicate_of", "closed_from" = e."closed_from", "closed_at" = e."closed_at", "assigned_at" = e."assigned_at", "assigned_on" = e."assigned_on", "assignment" = e."assignment", "converted_at" = e."converted_at", "touched_at" = e."touched_at", "offer_total" = e."offer_total"::numeric, "offer_price" = e."offer_price"::numeric, "offer_down" = e."offer_down"::numeric, "offer_share" = e."offer_share"::numeric, "offer_monthly" = e."offer_monthly"::numeric, "offer_final" = e."offer_final"::numeric, "name_normal" = e."name_normal", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'deal' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'deal'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "title" text, "description" text, "contact" uuid, "lead" uuid, "owner" uuid, "assignee" uuid, "amount" text, "currency" text, "status" text, "pipeline" uuid, "stage" text, "probability" bigint, "expected_close_date" date, "expected_close_at" timestamptz, "lost_reason" text, "outcome" text, "closed_at" timestamptz, "closed_from" text, "title_normal" text, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."deal" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "title" = e."title", "description" = e."description", "contact" = e."contact", "lead" = e."lead", "owner" = e."owner", "assignee" = e."assignee", "amount" = e."amount"::numeric, "currency" = e."currency", "status" = e."status", "pipeline" = e."pipeline", "stage" = e."stage", "probability" = e."probability", "expected_close_date" = e."expected_close_date", "expected_close_at" = e."expected_close_at", "lost_reason" = e."lost_reason", "outcome" = e."outcome", "closed_at" = e."closed_at", "closed_from" = e."closed_from", "title_normal" = e."title_normal", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'hold' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'hold'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "unit" uuid, "lead" uuid, "until" timestamptz, "note" text, "holder" uuid, "status" text, "extensions" bigint, "ended_at" timestamptz, "slot" text, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."hold" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "unit" = e."unit", "lead" = e."lead", "until" = e."until", "note" = e."note", "holder" = e."holder", "status" = e."status", "extensions" = e."extensions", "ended_at" = e."ended_at", "slot" = e."slot", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'buyer' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'buyer'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "name" text, "passport" text, "personal_id" text, "issued_by" text, "issued_on" date, "address" text, "phone" text, "email" text, "erased_at" timestamptz, "name_normal" text, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."buyer" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "name" = e."name", "passport" = e."passport", "personal_id" = e."personal_id", "issued_by" = e."issued_by", "issued_on" = e."issued_on", "address" = e."address", "phone" = e."phone", "email" = e."email", "erased_at" = e."erased_at", "name_normal" = e."name_normal", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'contract' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'contract'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "number" text, "dated_on" date, "deal" uuid, "lead" uuid, "unit" uuid, "buyer" uuid, "price" text, "discount" text, "surcharge" text, "adjustment_reason" text, "total" text, "currency" text, "share" text, "down" text, "department" text, "details" text, "status" text, "author" uuid, "complex" uuid, "block" text, "floor" bigint, "unit_number" text, "rooms" bigint, "area" text, "signed_at" timestamptz, "cancelled_at" timestamptz, "cancel_reason" text, "identity" text, "slot" text, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."contract" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "number" = e."number", "dated_on" = e."dated_on", "deal" = e."deal", "lead" = e."lead", "unit" = e."unit", "buyer" = e."buyer", "price" = e."price"::numeric, "discount" = e."discount"::numeric, "surcharge" = e."surcharge"::numeric, "adjustment_reason" = e."adjustment_reason", "total" = e."total"::numeric, "currency" = e."currency", "share" = e."share"::numeric, "down" = e."down"::numeric, "department" = e."department", "details" = e."details"::json, "status" = e."status", "author" = e."author", "complex" = e."complex", "block" = e."block", "floor" = e."floor", "unit_number" = e."unit_number", "rooms" = e."rooms", "area" = e."area"::numeric, "signed_at" = e."signed_at", "cancelled_at" = e."cancelled_at", "cancel_reason" = e."cancel_reason", "identity" = e."identity", "slot" = e."slot", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'payment_plan' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'payment_plan'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "contract" uuid, "lead" uuid, "kind" text, "total" text, "currency" text, "starts_on" date, "status" text, "edition" bigint, "replaces" uuid, "cancel_reason" text, "slot" text, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."payment_plan" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "contract" = e."contract", "lead" = e."lead", "kind" = e."kind", "total" = e."total"::numeric, "currency" = e."currency", "starts_on" = e."starts_on", "status" = e."status", "edition" = e."edition", "replaces" = e."replaces", "cancel_reason" = e."cancel_reason", "slot" = e."slot", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'installment' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'installment'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "plan" uuid, "number" bigint, "role" text, "amount" text, "due_on" date, "contract" uuid, "lead" uuid, "currency" text, "paid" text, "outstanding" text, "paid_on" date, "on_time" boolean, "status" text, "identity" text, "overdue_noted_at" timestamptz, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."installment" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "plan" = e."plan", "number" = e."number", "role" = e."role", "amount" = e."amount"::numeric, "due_on" = e."due_on", "contract" = e."contract", "lead" = e."lead", "currency" = e."currency", "paid" = e."paid"::numeric, "outstanding" = e."outstanding"::numeric, "paid_on" = e."paid_on", "on_time" = e."on_time", "status" = e."status", "identity" = e."identity", "overdue_noted_at" = e."overdue_noted_at", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'payment' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'payment'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "plan" uuid, "contract" uuid, "lead" uuid, "amount" text, "currency" text, "received_on" date, "method" text, "note" text, "entry" text, "author" uuid, "reverses" uuid, "reversed_by" uuid, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."payment" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "plan" = e."plan", "contract" = e."contract", "lead" = e."lead", "amount" = e."amount"::numeric, "currency" = e."currency", "received_on" = e."received_on", "method" = e."method", "note" = e."note", "entry" = e."entry", "author" = e."author", "reverses" = e."reverses", "reversed_by" = e."reversed_by", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'allocation' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'allocation'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "payment" uuid, "installment" uuid, "plan" uuid, "lead" uuid, "amount" text, "currency" text, "received_on" date, "reversed" boolean, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."allocation" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "payment" = e."payment", "installment" = e."installment", "plan" = e."plan", "lead" = e."lead", "amount" = e."amount"::numeric, "currency" = e."currency", "received_on" = e."received_on", "reversed" = e."reversed", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'expense' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'expense'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "title" text, "description" text, "amount" text, "currency" text, "category" text, "status" text, "spent_on" date, "receipts" text, "author" uuid, "paid_at" timestamptz, "title_normal" text, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."expense" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "title" = e."title", "description" = e."description", "amount" = e."amount"::numeric, "currency" = e."currency", "category" = e."category", "status" = e."status", "spent_on" = e."spent_on", "receipts" = e."receipts"::json, "author" = e."author", "paid_at" = e."paid_at", "title_normal" = e."title_normal", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'counter' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'counter'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "scope" text, "last" bigint, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."counter" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "scope" = e."scope", "last" = e."last", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'attendance' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'attendance'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "member" uuid, "day" date, "check_in" timestamptz, "check_out" timestamptz, "status" text, "note" text, "identity" text, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."attendance" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "member" = e."member", "day" = e."day", "check_in" = e."check_in", "check_out" = e."check_out", "status" = e."status", "note" = e."note", "identity" = e."identity", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'task' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'task'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "title" text, "description" text, "deal" uuid, "contact" uuid, "lead" uuid, "assignee" uuid, "status" text, "priority" text, "due_date" date, "due_at" timestamptz, "completed_at" timestamptz, "title_normal" text, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."task" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "title" = e."title", "description" = e."description", "deal" = e."deal", "contact" = e."contact", "lead" = e."lead", "assignee" = e."assignee", "status" = e."status", "priority" = e."priority", "due_date" = e."due_date", "due_at" = e."due_at", "completed_at" = e."completed_at", "title_normal" = e."title_normal", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'activity' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'activity'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "kind" text, "deal" uuid, "contact" uuid, "lead" uuid, "title" text, "body" text, "occurred_at" timestamptz, "payload" text, "author" uuid, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."activity" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "kind" = e."kind", "deal" = e."deal", "contact" = e."contact", "lead" = e."lead", "title" = e."title", "body" = e."body", "occurred_at" = e."occurred_at", "payload" = e."payload"::json, "author" = e."author", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'reference' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'reference'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "system" text, "kind" text, "external_id" text, "lead" uuid, "contact" uuid, "deal" uuid, "member" uuid, "identity" text, "remote_version" bigint, "remote_at" timestamptz, "gone" boolean, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."reference" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "system" = e."system", "kind" = e."kind", "external_id" = e."external_id", "lead" = e."lead", "contact" = e."contact", "deal" = e."deal", "member" = e."member", "identity" = e."identity", "remote_version" = e."remote_version", "remote_at" = e."remote_at", "gone" = e."gone", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'incoming' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'incoming'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "system" text, "kind" text, "action" text, "external_id" text, "event_id" text, "remote_version" bigint, "remote_at" timestamptz, "content" text, "identity" text, "status" text, "reason" text, "waits_for" text, "lead" uuid, "attempts" bigint, "settled_at" timestamptz, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."incoming" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "system" = e."system", "kind" = e."kind", "action" = e."action", "external_id" = e."external_id", "event_id" = e."event_id", "remote_version" = e."remote_version", "remote_at" = e."remote_at", "content" = e."content"::json, "identity" = e."identity", "status" = e."status", "reason" = e."reason", "waits_for" = e."waits_for", "lead" = e."lead", "attempts" = e."attempts", "settled_at" = e."settled_at", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'target' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'target'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "name" text, "breaker" text, "failures" bigint, "turn" bigint, "open_until" timestamptz, "probe_until" timestamptz, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."target" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "name" = e."name", "breaker" = e."breaker", "failures" = e."failures", "turn" = e."turn", "open_until" = e."open_until", "probe_until" = e."probe_until", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'delivery' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'delivery'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "target" text, "event" text, "lane" text, "content" text, "lead" uuid, "number" bigint, "status" text, "attempts" bigint, "next_at" timestamptz, "lease_until" timestamptz, "lease" bigint, "turn" bigint, "last_error" text, "external_id" text, "settled_at" timestamptz, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."delivery" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "target" = e."target", "event" = e."event", "lane" = e."lane", "content" = e."content"::json, "lead" = e."lead", "number" = e."number", "status" = e."status", "attempts" = e."attempts", "next_at" = e."next_at", "lease_until" = e."lease_until", "lease" = e."lease", "turn" = e."turn", "last_error" = e."last_error", "external_id" = e."external_id", "settled_at" = e."settled_at", "search_text" = e."search_text"
                WHERE t.organization_id = organization AND t.id = e.id;
            GET DIAGNOSTICS counted = ROW_COUNT;
            written := written + counted;
        END LOOP;
    END IF;
    IF change->'notification' ? 'old' THEN
        FOR e IN SELECT r.* FROM jsonb_to_recordset(change->'notification'->'old') AS r("id" uuid, "version" bigint, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz, "deleted_by" uuid, "channel" text, "user" uuid, "recipient" text, "template" text, "variables" text, "subject" text, "message" text, "priority" text, "scheduled_at" timestamptz, "lead" uuid, "deal" uuid, "origin" text, "status" text, "attempts" bigint, "next_at" timestamptz, "lease_until" timestamptz, "lease" bigint, "last_error" text, "sent_at" timestamptz, "delivered_at" timestamptz, "read_at" timestamptz, "search_text" text) ORDER BY r.id LOOP
            UPDATE "{schema}"."notification" AS t SET "version" = e."version", "created_at" = e."created_at", "updated_at" = e."updated_at", "deleted_at" = e."deleted_at", "deleted_by" = e."deleted_by", "channel" = e."channel", "user" = e."user", "recipient" = e."recipient", "template" = e."template", "variables" = e."variables"::json, "subject" = e."subject", "message" = e."message", "priority" = e."priority", "scheduled_at" = e."scheduled_at", "lead" = e."lead", "deal" = e."deal", "origin" = e."origin", "status" = e."status", "attempts" = e."attempts", "next_at" = e."next_at", "lease_until" = e."lease_until", "lease" = e."lease", "last_error" = e."last_error", "sent_at" = e."sent_at", "delivered_at" = e."delivered_at", "read_at" = e."read_at", "search_text" = e."search_text"
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
