CREATE DOMAIN "{schema}"."amount" AS numeric CHECK (abs(VALUE) <= 79228162514264337593543950335 AND scale(VALUE) <= 28);
CREATE DOMAIN "{schema}"."currency" AS text COLLATE "C" CHECK (VALUE ~ '^[A-Z]{3}$');
CREATE DOMAIN "{schema}"."day" AS date CHECK (VALUE BETWEEN '0001-01-01' AND '9999-12-31');
CREATE DOMAIN "{schema}"."email" AS text COLLATE "C" CHECK (char_length(VALUE) <= 255 AND VALUE LIKE '_%@_%._%');
CREATE DOMAIN "{schema}"."instant" AS timestamptz CHECK (VALUE >= '0001-01-01 00:00:00+00' AND VALUE < '10000-01-01 00:00:00+00');
CREATE DOMAIN "{schema}"."percent" AS bigint CHECK (VALUE BETWEEN 0 AND 100);
CREATE DOMAIN "{schema}"."phone" AS text COLLATE "C" CHECK (char_length(VALUE) BETWEEN 1 AND 50);
CREATE DOMAIN "{schema}"."text_1_to_100" AS text COLLATE "C" CHECK (char_length(VALUE) BETWEEN 1 AND 100);
CREATE DOMAIN "{schema}"."text_1_to_100000" AS text COLLATE "C" CHECK (char_length(VALUE) BETWEEN 1 AND 100000);
CREATE DOMAIN "{schema}"."text_1_to_20" AS text COLLATE "C" CHECK (char_length(VALUE) BETWEEN 1 AND 20);
CREATE DOMAIN "{schema}"."text_1_to_255" AS text COLLATE "C" CHECK (char_length(VALUE) BETWEEN 1 AND 255);
CREATE DOMAIN "{schema}"."version" AS bigint CHECK (VALUE >= 1);
CREATE DOMAIN "{schema}"."word" AS text COLLATE "C" CHECK (VALUE ~ '^[a-z][a-z0-9_]{0,39}$');
CREATE DOMAIN "{schema}"."zone" AS text COLLATE "C" CHECK (char_length(VALUE) BETWEEN 1 AND 64);

CREATE TABLE "{schema}"."organization" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "name" "{schema}"."text_1_to_255" NOT NULL,
    "description" "{schema}"."text_1_to_100000",
    "website" "{schema}"."text_1_to_255",
    "phone" "{schema}"."phone",
    "email" "{schema}"."email",
    "address" "{schema}"."text_1_to_255",
    "city" "{schema}"."text_1_to_100",
    "country" "{schema}"."text_1_to_100",
    "postal_code" "{schema}"."text_1_to_20",
    "default_currency" "{schema}"."currency",
    "time_zone" "{schema}"."zone" NOT NULL,
    "default_pipeline" uuid,
    "active" boolean NOT NULL,
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."membership" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "role" "{schema}"."word" NOT NULL,
    "active" boolean NOT NULL,
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."pipeline" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "name" "{schema}"."text_1_to_255" NOT NULL,
    "stages" json NOT NULL,
    "name_normal" text COLLATE "C" NOT NULL,
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."contact" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "kind" "{schema}"."word" NOT NULL,
    "name" "{schema}"."text_1_to_255" NOT NULL,
    "first_name" "{schema}"."text_1_to_100",
    "last_name" "{schema}"."text_1_to_100",
    "email" "{schema}"."email",
    "phone" "{schema}"."phone",
    "position" "{schema}"."text_1_to_100",
    "company" "{schema}"."text_1_to_255",
    "employer" uuid,
    "address" "{schema}"."text_1_to_255",
    "city" "{schema}"."text_1_to_100",
    "country" "{schema}"."text_1_to_100",
    "postal_code" "{schema}"."text_1_to_20",
    "notes" "{schema}"."text_1_to_100000",
    "owner" uuid,
    "active" boolean NOT NULL,
    "name_normal" text COLLATE "C" NOT NULL,
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."deal" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "title" "{schema}"."text_1_to_255" NOT NULL,
    "description" "{schema}"."text_1_to_100000",
    "contact" uuid,
    "owner" uuid,
    "assignee" uuid,
    "amount" "{schema}"."amount",
    "currency" "{schema}"."currency" NOT NULL,
    "status" "{schema}"."word" NOT NULL,
    "pipeline" uuid,
    "stage" "{schema}"."word",
    "probability" "{schema}"."percent",
    "expected_close_date" "{schema}"."day",
    "expected_close_at" "{schema}"."instant",
    "lost_reason" "{schema}"."text_1_to_255",
    "outcome" "{schema}"."word",
    "closed_at" "{schema}"."instant",
    "closed_from" "{schema}"."word",
    "title_normal" text COLLATE "C" NOT NULL,
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."task" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "title" "{schema}"."text_1_to_255" NOT NULL,
    "description" "{schema}"."text_1_to_100000",
    "deal" uuid,
    "contact" uuid,
    "assignee" uuid,
    "status" "{schema}"."word" NOT NULL,
    "priority" "{schema}"."word",
    "due_date" "{schema}"."day",
    "due_at" "{schema}"."instant",
    "completed_at" "{schema}"."instant",
    "title_normal" text COLLATE "C" NOT NULL,
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."activity" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "kind" "{schema}"."word" NOT NULL,
    "deal" uuid,
    "contact" uuid,
    "title" "{schema}"."text_1_to_255",
    "body" "{schema}"."text_1_to_100000",
    "occurred_at" "{schema}"."instant" NOT NULL,
    "payload" json NOT NULL,
    "author" uuid,
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

ALTER TABLE "{schema}"."organization"
    ADD FOREIGN KEY (organization_id, "default_pipeline") REFERENCES "{schema}"."pipeline" (organization_id, id);

ALTER TABLE "{schema}"."contact"
    ADD FOREIGN KEY (organization_id, "employer") REFERENCES "{schema}"."contact" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "owner") REFERENCES "{schema}"."membership" (organization_id, id);

ALTER TABLE "{schema}"."deal"
    ADD FOREIGN KEY (organization_id, "contact") REFERENCES "{schema}"."contact" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "owner") REFERENCES "{schema}"."membership" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "assignee") REFERENCES "{schema}"."membership" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "pipeline") REFERENCES "{schema}"."pipeline" (organization_id, id);

ALTER TABLE "{schema}"."task"
    ADD FOREIGN KEY (organization_id, "deal") REFERENCES "{schema}"."deal" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "contact") REFERENCES "{schema}"."contact" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "assignee") REFERENCES "{schema}"."membership" (organization_id, id);

ALTER TABLE "{schema}"."activity"
    ADD FOREIGN KEY (organization_id, "deal") REFERENCES "{schema}"."deal" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "contact") REFERENCES "{schema}"."contact" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "author") REFERENCES "{schema}"."membership" (organization_id, id);

CREATE INDEX "organization_by_created_at" ON "{schema}"."organization" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "organization_by_updated_at" ON "{schema}"."organization" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "organization_default_pipeline" ON "{schema}"."organization" (organization_id, "default_pipeline", id);
CREATE INDEX "organization_deleted_by" ON "{schema}"."organization" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "membership_by_created_at" ON "{schema}"."membership" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "membership_by_updated_at" ON "{schema}"."membership" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "membership_role" ON "{schema}"."membership" (organization_id, "role", id);
CREATE INDEX "membership_deleted_by" ON "{schema}"."membership" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "pipeline_by_created_at" ON "{schema}"."pipeline" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "pipeline_by_updated_at" ON "{schema}"."pipeline" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "pipeline_by_name" ON "{schema}"."pipeline" (organization_id, "name_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "pipeline_deleted_by" ON "{schema}"."pipeline" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "contact_by_created_at" ON "{schema}"."contact" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "contact_by_updated_at" ON "{schema}"."contact" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "contact_kind" ON "{schema}"."contact" (organization_id, "kind", id);
CREATE INDEX "contact_by_name" ON "{schema}"."contact" (organization_id, "name_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "contact_employer" ON "{schema}"."contact" (organization_id, "employer", id);
CREATE INDEX "contact_owner" ON "{schema}"."contact" (organization_id, "owner", id);
CREATE INDEX "contact_deleted_by" ON "{schema}"."contact" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "deal_by_created_at" ON "{schema}"."deal" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "deal_by_updated_at" ON "{schema}"."deal" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "deal_by_title" ON "{schema}"."deal" (organization_id, "title_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "deal_contact" ON "{schema}"."deal" (organization_id, "contact", id);
CREATE INDEX "deal_owner" ON "{schema}"."deal" (organization_id, "owner", id);
CREATE INDEX "deal_assignee" ON "{schema}"."deal" (organization_id, "assignee", id);
CREATE INDEX "deal_by_amount" ON "{schema}"."deal" (organization_id, "amount", id) WHERE deleted_at IS NULL;
CREATE INDEX "deal_status" ON "{schema}"."deal" (organization_id, "status", id);
CREATE INDEX "deal_pipeline" ON "{schema}"."deal" (organization_id, "pipeline", id);
CREATE INDEX "deal_stage" ON "{schema}"."deal" (organization_id, "stage", id);
CREATE INDEX "deal_by_expected_close_date" ON "{schema}"."deal" (organization_id, "expected_close_date", id) WHERE deleted_at IS NULL;
CREATE INDEX "deal_by_expected_close_at" ON "{schema}"."deal" (organization_id, "expected_close_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "deal_outcome" ON "{schema}"."deal" (organization_id, "outcome", id);
CREATE INDEX "deal_by_closed_at" ON "{schema}"."deal" (organization_id, "closed_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "deal_deleted_by" ON "{schema}"."deal" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "task_by_created_at" ON "{schema}"."task" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "task_by_updated_at" ON "{schema}"."task" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "task_by_title" ON "{schema}"."task" (organization_id, "title_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "task_deal" ON "{schema}"."task" (organization_id, "deal", id);
CREATE INDEX "task_contact" ON "{schema}"."task" (organization_id, "contact", id);
CREATE INDEX "task_assignee" ON "{schema}"."task" (organization_id, "assignee", id);
CREATE INDEX "task_status" ON "{schema}"."task" (organization_id, "status", id);
CREATE INDEX "task_priority" ON "{schema}"."task" (organization_id, "priority", id);
CREATE INDEX "task_by_due_date" ON "{schema}"."task" (organization_id, "due_date", id) WHERE deleted_at IS NULL;
CREATE INDEX "task_by_due_at" ON "{schema}"."task" (organization_id, "due_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "task_by_completed_at" ON "{schema}"."task" (organization_id, "completed_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "task_deleted_by" ON "{schema}"."task" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "activity_by_created_at" ON "{schema}"."activity" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "activity_by_updated_at" ON "{schema}"."activity" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "activity_kind" ON "{schema}"."activity" (organization_id, "kind", id);
CREATE INDEX "activity_deal" ON "{schema}"."activity" (organization_id, "deal", id);
CREATE INDEX "activity_contact" ON "{schema}"."activity" (organization_id, "contact", id);
CREATE INDEX "activity_by_occurred_at" ON "{schema}"."activity" (organization_id, "occurred_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "activity_author" ON "{schema}"."activity" (organization_id, "author", id);
CREATE INDEX "activity_deleted_by" ON "{schema}"."activity" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

-- The one question that is not asked of an organisation: where a user is a member.
CREATE INDEX "membership_seats" ON "{schema}"."membership" (id, organization_id);

CREATE TABLE "{schema}"."ledger" (
    organization_id uuid NOT NULL,
    "kind" text COLLATE "C" NOT NULL,
    "subject" uuid NOT NULL,
    "version" bigint NOT NULL,
    "at" "{schema}"."instant" NOT NULL,
    "actor" json NOT NULL,
    "command" uuid NOT NULL,
    "cause" text COLLATE "C" NOT NULL,
    "change" text COLLATE "C" NOT NULL,
    "fields" json NOT NULL,
    PRIMARY KEY (organization_id, kind, subject, version)
);

CREATE TABLE "{schema}"."event" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "name" text COLLATE "C" NOT NULL,
    "kind" text COLLATE "C" NOT NULL,
    "subject" uuid NOT NULL,
    "version" bigint NOT NULL,
    "at" "{schema}"."instant" NOT NULL,
    "actor" json NOT NULL,
    "command" uuid NOT NULL,
    "data" json NOT NULL,
    number bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (organization_id, id)
);

CREATE INDEX "event_order" ON "{schema}"."event" (organization_id, number);

CREATE TABLE "{schema}"."claim" (
    organization_id uuid NOT NULL,
    "kind" text COLLATE "C" NOT NULL,
    "field" text COLLATE "C" NOT NULL,
    "value" text COLLATE "C" NOT NULL,
    "holder" uuid NOT NULL,
    PRIMARY KEY (organization_id, kind, field, value)
);

CREATE TABLE "{schema}"."remembered" (
    organization_id uuid NOT NULL,
    "actor" text COLLATE "C" NOT NULL,
    "operation" text COLLATE "C" NOT NULL,
    "key" text COLLATE "C" NOT NULL,
    "digest" text COLLATE "C" NOT NULL,
    "answer" json NOT NULL,
    "at" "{schema}"."instant" NOT NULL,
    PRIMARY KEY (organization_id, actor, operation, "key")
);

CREATE TABLE "{schema}"."command" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    PRIMARY KEY (organization_id, id)
);

