CREATE TABLE "{schema}"."organization" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" bigint NOT NULL CHECK ("version" >= 1),
    "created_at" timestamptz NOT NULL CHECK ("created_at" >= '0001-01-01 00:00:00+00' AND "created_at" < '10000-01-01 00:00:00+00'),
    "updated_at" timestamptz NOT NULL CHECK ("updated_at" >= '0001-01-01 00:00:00+00' AND "updated_at" < '10000-01-01 00:00:00+00'),
    "deleted_at" timestamptz CHECK ("deleted_at" >= '0001-01-01 00:00:00+00' AND "deleted_at" < '10000-01-01 00:00:00+00'),
    "deleted_by" uuid,
    "name" text COLLATE "C" NOT NULL CHECK (char_length("name") BETWEEN 1 AND 255),
    "description" text COLLATE "C" CHECK (char_length("description") BETWEEN 1 AND 100000),
    "website" text COLLATE "C" CHECK (char_length("website") BETWEEN 1 AND 255),
    "phone" text COLLATE "C" CHECK (char_length("phone") BETWEEN 1 AND 50),
    "email" text COLLATE "C" CHECK (char_length("email") <= 255 AND "email" LIKE '_%@_%._%'),
    "address" text COLLATE "C" CHECK (char_length("address") BETWEEN 1 AND 255),
    "city" text COLLATE "C" CHECK (char_length("city") BETWEEN 1 AND 100),
    "country" text COLLATE "C" CHECK (char_length("country") BETWEEN 1 AND 100),
    "postal_code" text COLLATE "C" CHECK (char_length("postal_code") BETWEEN 1 AND 20),
    "default_currency" text COLLATE "C" CHECK ("default_currency" ~ '^[A-Z]{3}$'),
    "time_zone" text COLLATE "C" NOT NULL CHECK (char_length("time_zone") BETWEEN 1 AND 64),
    "default_pipeline" uuid,
    "active" boolean NOT NULL,
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."membership" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" bigint NOT NULL CHECK ("version" >= 1),
    "created_at" timestamptz NOT NULL CHECK ("created_at" >= '0001-01-01 00:00:00+00' AND "created_at" < '10000-01-01 00:00:00+00'),
    "updated_at" timestamptz NOT NULL CHECK ("updated_at" >= '0001-01-01 00:00:00+00' AND "updated_at" < '10000-01-01 00:00:00+00'),
    "deleted_at" timestamptz CHECK ("deleted_at" >= '0001-01-01 00:00:00+00' AND "deleted_at" < '10000-01-01 00:00:00+00'),
    "deleted_by" uuid,
    "role" text COLLATE "C" NOT NULL CHECK ("role" ~ '^[a-z][a-z0-9_]{0,39}$'),
    "active" boolean NOT NULL,
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."pipeline" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" bigint NOT NULL CHECK ("version" >= 1),
    "created_at" timestamptz NOT NULL CHECK ("created_at" >= '0001-01-01 00:00:00+00' AND "created_at" < '10000-01-01 00:00:00+00'),
    "updated_at" timestamptz NOT NULL CHECK ("updated_at" >= '0001-01-01 00:00:00+00' AND "updated_at" < '10000-01-01 00:00:00+00'),
    "deleted_at" timestamptz CHECK ("deleted_at" >= '0001-01-01 00:00:00+00' AND "deleted_at" < '10000-01-01 00:00:00+00'),
    "deleted_by" uuid,
    "name" text COLLATE "C" NOT NULL CHECK (char_length("name") BETWEEN 1 AND 255),
    "stages" json NOT NULL,
    "name_normal" text COLLATE "C" NOT NULL,
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."contact" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" bigint NOT NULL CHECK ("version" >= 1),
    "created_at" timestamptz NOT NULL CHECK ("created_at" >= '0001-01-01 00:00:00+00' AND "created_at" < '10000-01-01 00:00:00+00'),
    "updated_at" timestamptz NOT NULL CHECK ("updated_at" >= '0001-01-01 00:00:00+00' AND "updated_at" < '10000-01-01 00:00:00+00'),
    "deleted_at" timestamptz CHECK ("deleted_at" >= '0001-01-01 00:00:00+00' AND "deleted_at" < '10000-01-01 00:00:00+00'),
    "deleted_by" uuid,
    "kind" text COLLATE "C" NOT NULL CHECK ("kind" ~ '^[a-z][a-z0-9_]{0,39}$'),
    "name" text COLLATE "C" NOT NULL CHECK (char_length("name") BETWEEN 1 AND 255),
    "first_name" text COLLATE "C" CHECK (char_length("first_name") BETWEEN 1 AND 100),
    "last_name" text COLLATE "C" CHECK (char_length("last_name") BETWEEN 1 AND 100),
    "email" text COLLATE "C" CHECK (char_length("email") <= 255 AND "email" LIKE '_%@_%._%'),
    "phone" text COLLATE "C" CHECK (char_length("phone") BETWEEN 1 AND 50),
    "position" text COLLATE "C" CHECK (char_length("position") BETWEEN 1 AND 100),
    "company" text COLLATE "C" CHECK (char_length("company") BETWEEN 1 AND 255),
    "employer" uuid,
    "address" text COLLATE "C" CHECK (char_length("address") BETWEEN 1 AND 255),
    "city" text COLLATE "C" CHECK (char_length("city") BETWEEN 1 AND 100),
    "country" text COLLATE "C" CHECK (char_length("country") BETWEEN 1 AND 100),
    "postal_code" text COLLATE "C" CHECK (char_length("postal_code") BETWEEN 1 AND 20),
    "notes" text COLLATE "C" CHECK (char_length("notes") BETWEEN 1 AND 100000),
    "owner" uuid,
    "active" boolean NOT NULL,
    "name_normal" text COLLATE "C" NOT NULL,
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."deal" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" bigint NOT NULL CHECK ("version" >= 1),
    "created_at" timestamptz NOT NULL CHECK ("created_at" >= '0001-01-01 00:00:00+00' AND "created_at" < '10000-01-01 00:00:00+00'),
    "updated_at" timestamptz NOT NULL CHECK ("updated_at" >= '0001-01-01 00:00:00+00' AND "updated_at" < '10000-01-01 00:00:00+00'),
    "deleted_at" timestamptz CHECK ("deleted_at" >= '0001-01-01 00:00:00+00' AND "deleted_at" < '10000-01-01 00:00:00+00'),
    "deleted_by" uuid,
    "title" text COLLATE "C" NOT NULL CHECK (char_length("title") BETWEEN 1 AND 255),
    "description" text COLLATE "C" CHECK (char_length("description") BETWEEN 1 AND 100000),
    "contact" uuid,
    "owner" uuid,
    "assignee" uuid,
    "amount" numeric CHECK (abs("amount") <= 79228162514264337593543950335 AND scale("amount") <= 28),
    "currency" text COLLATE "C" NOT NULL CHECK ("currency" ~ '^[A-Z]{3}$'),
    "status" text COLLATE "C" NOT NULL CHECK ("status" ~ '^[a-z][a-z0-9_]{0,39}$'),
    "pipeline" uuid,
    "stage" text COLLATE "C" CHECK ("stage" ~ '^[a-z][a-z0-9_]{0,39}$'),
    "probability" bigint CHECK ("probability" BETWEEN 0 AND 100),
    "expected_close_date" date CHECK ("expected_close_date" BETWEEN '0001-01-01' AND '9999-12-31'),
    "expected_close_at" timestamptz CHECK ("expected_close_at" >= '0001-01-01 00:00:00+00' AND "expected_close_at" < '10000-01-01 00:00:00+00'),
    "lost_reason" text COLLATE "C" CHECK (char_length("lost_reason") BETWEEN 1 AND 255),
    "outcome" text COLLATE "C" CHECK ("outcome" ~ '^[a-z][a-z0-9_]{0,39}$'),
    "closed_at" timestamptz CHECK ("closed_at" >= '0001-01-01 00:00:00+00' AND "closed_at" < '10000-01-01 00:00:00+00'),
    "closed_from" text COLLATE "C" CHECK ("closed_from" ~ '^[a-z][a-z0-9_]{0,39}$'),
    "title_normal" text COLLATE "C" NOT NULL,
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."task" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" bigint NOT NULL CHECK ("version" >= 1),
    "created_at" timestamptz NOT NULL CHECK ("created_at" >= '0001-01-01 00:00:00+00' AND "created_at" < '10000-01-01 00:00:00+00'),
    "updated_at" timestamptz NOT NULL CHECK ("updated_at" >= '0001-01-01 00:00:00+00' AND "updated_at" < '10000-01-01 00:00:00+00'),
    "deleted_at" timestamptz CHECK ("deleted_at" >= '0001-01-01 00:00:00+00' AND "deleted_at" < '10000-01-01 00:00:00+00'),
    "deleted_by" uuid,
    "title" text COLLATE "C" NOT NULL CHECK (char_length("title") BETWEEN 1 AND 255),
    "description" text COLLATE "C" CHECK (char_length("description") BETWEEN 1 AND 100000),
    "deal" uuid,
    "contact" uuid,
    "assignee" uuid,
    "status" text COLLATE "C" NOT NULL CHECK ("status" ~ '^[a-z][a-z0-9_]{0,39}$'),
    "priority" text COLLATE "C" CHECK ("priority" ~ '^[a-z][a-z0-9_]{0,39}$'),
    "due_date" date CHECK ("due_date" BETWEEN '0001-01-01' AND '9999-12-31'),
    "due_at" timestamptz CHECK ("due_at" >= '0001-01-01 00:00:00+00' AND "due_at" < '10000-01-01 00:00:00+00'),
    "completed_at" timestamptz CHECK ("completed_at" >= '0001-01-01 00:00:00+00' AND "completed_at" < '10000-01-01 00:00:00+00'),
    "title_normal" text COLLATE "C" NOT NULL,
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."activity" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" bigint NOT NULL CHECK ("version" >= 1),
    "created_at" timestamptz NOT NULL CHECK ("created_at" >= '0001-01-01 00:00:00+00' AND "created_at" < '10000-01-01 00:00:00+00'),
    "updated_at" timestamptz NOT NULL CHECK ("updated_at" >= '0001-01-01 00:00:00+00' AND "updated_at" < '10000-01-01 00:00:00+00'),
    "deleted_at" timestamptz CHECK ("deleted_at" >= '0001-01-01 00:00:00+00' AND "deleted_at" < '10000-01-01 00:00:00+00'),
    "deleted_by" uuid,
    "kind" text COLLATE "C" NOT NULL CHECK ("kind" ~ '^[a-z][a-z0-9_]{0,39}$'),
    "deal" uuid,
    "contact" uuid,
    "title" text COLLATE "C" CHECK (char_length("title") BETWEEN 1 AND 255),
    "body" text COLLATE "C" CHECK (char_length("body") BETWEEN 1 AND 100000),
    "occurred_at" timestamptz NOT NULL CHECK ("occurred_at" >= '0001-01-01 00:00:00+00' AND "occurred_at" < '10000-01-01 00:00:00+00'),
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
    "at" timestamptz NOT NULL CHECK ("at" >= '0001-01-01 00:00:00+00' AND "at" < '10000-01-01 00:00:00+00'),
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
    "at" timestamptz NOT NULL CHECK ("at" >= '0001-01-01 00:00:00+00' AND "at" < '10000-01-01 00:00:00+00'),
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
    "at" timestamptz NOT NULL CHECK ("at" >= '0001-01-01 00:00:00+00' AND "at" < '10000-01-01 00:00:00+00'),
    PRIMARY KEY (organization_id, actor, operation, "key")
);

CREATE TABLE "{schema}"."command" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    PRIMARY KEY (organization_id, id)
);

