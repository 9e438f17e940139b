CREATE TABLE "crm_organization" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "name" TEXT NOT NULL CHECK (length("name") BETWEEN 1 AND 255),
    "description" TEXT CHECK (length("description") BETWEEN 1 AND 100000),
    "website" TEXT CHECK (length("website") BETWEEN 1 AND 255),
    "phone" TEXT CHECK (length("phone") BETWEEN 1 AND 50),
    "email" TEXT CHECK (length("email") <= 255 AND "email" GLOB '?*@?*.?*'),
    "address" TEXT CHECK (length("address") BETWEEN 1 AND 255),
    "city" TEXT CHECK (length("city") BETWEEN 1 AND 100),
    "country" TEXT CHECK (length("country") BETWEEN 1 AND 100),
    "postal_code" TEXT CHECK (length("postal_code") BETWEEN 1 AND 20),
    "default_currency" TEXT CHECK ("default_currency" GLOB '[A-Z][A-Z][A-Z]'),
    "time_zone" TEXT NOT NULL CHECK (length("time_zone") BETWEEN 1 AND 64),
    "default_pipeline" BLOB CHECK (length("default_pipeline") = 16),
    "active" INTEGER NOT NULL CHECK ("active" IN (0, 1)),
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, "default_pipeline") REFERENCES "crm_pipeline" (organization_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE "crm_membership" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "role" TEXT NOT NULL CHECK (length("role") <= 40 AND "role" GLOB '[a-z]*' AND "role" NOT GLOB '*[^a-z0-9_]*'),
    "active" INTEGER NOT NULL CHECK ("active" IN (0, 1)),
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT;

CREATE TABLE "crm_pipeline" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "name" TEXT NOT NULL CHECK (length("name") BETWEEN 1 AND 255),
    "stages" TEXT NOT NULL CHECK (json_valid("stages")),
    "name_normal" TEXT NOT NULL,
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT;

CREATE TABLE "crm_contact" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "kind" TEXT NOT NULL CHECK (length("kind") <= 40 AND "kind" GLOB '[a-z]*' AND "kind" NOT GLOB '*[^a-z0-9_]*'),
    "name" TEXT NOT NULL CHECK (length("name") BETWEEN 1 AND 255),
    "first_name" TEXT CHECK (length("first_name") BETWEEN 1 AND 100),
    "last_name" TEXT CHECK (length("last_name") BETWEEN 1 AND 100),
    "email" TEXT CHECK (length("email") <= 255 AND "email" GLOB '?*@?*.?*'),
    "phone" TEXT CHECK (length("phone") BETWEEN 1 AND 50),
    "position" TEXT CHECK (length("position") BETWEEN 1 AND 100),
    "company" TEXT CHECK (length("company") BETWEEN 1 AND 255),
    "employer" BLOB CHECK (length("employer") = 16),
    "address" TEXT CHECK (length("address") BETWEEN 1 AND 255),
    "city" TEXT CHECK (length("city") BETWEEN 1 AND 100),
    "country" TEXT CHECK (length("country") BETWEEN 1 AND 100),
    "postal_code" TEXT CHECK (length("postal_code") BETWEEN 1 AND 20),
    "notes" TEXT CHECK (length("notes") BETWEEN 1 AND 100000),
    "owner" BLOB CHECK (length("owner") = 16),
    "active" INTEGER NOT NULL CHECK ("active" IN (0, 1)),
    "name_normal" TEXT NOT NULL,
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, "employer") REFERENCES "crm_contact" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "owner") REFERENCES "crm_membership" (organization_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE "crm_deal" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "title" TEXT NOT NULL CHECK (length("title") BETWEEN 1 AND 255),
    "description" TEXT CHECK (length("description") BETWEEN 1 AND 100000),
    "contact" BLOB CHECK (length("contact") = 16),
    "owner" BLOB CHECK (length("owner") = 16),
    "assignee" BLOB CHECK (length("assignee") = 16),
    "amount" TEXT CHECK (length("amount") = 58 AND "amount" NOT GLOB '*[^0-9]*'),
    "amount_scale" INTEGER CHECK ("amount_scale" BETWEEN 0 AND 28),
    "currency" TEXT NOT NULL CHECK ("currency" GLOB '[A-Z][A-Z][A-Z]'),
    "status" TEXT NOT NULL CHECK (length("status") <= 40 AND "status" GLOB '[a-z]*' AND "status" NOT GLOB '*[^a-z0-9_]*'),
    "pipeline" BLOB CHECK (length("pipeline") = 16),
    "stage" TEXT CHECK (length("stage") <= 40 AND "stage" GLOB '[a-z]*' AND "stage" NOT GLOB '*[^a-z0-9_]*'),
    "probability" INTEGER CHECK ("probability" BETWEEN 0 AND 100),
    "expected_close_date" TEXT CHECK ("expected_close_date" GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND date("expected_close_date") = "expected_close_date"),
    "expected_close_at" INTEGER CHECK ("expected_close_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "lost_reason" TEXT CHECK (length("lost_reason") BETWEEN 1 AND 255),
    "outcome" TEXT CHECK (length("outcome") <= 40 AND "outcome" GLOB '[a-z]*' AND "outcome" NOT GLOB '*[^a-z0-9_]*'),
    "closed_at" INTEGER CHECK ("closed_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "closed_from" TEXT CHECK (length("closed_from") <= 40 AND "closed_from" GLOB '[a-z]*' AND "closed_from" NOT GLOB '*[^a-z0-9_]*'),
    "title_normal" TEXT NOT NULL,
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, "contact") REFERENCES "crm_contact" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "owner") REFERENCES "crm_membership" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "assignee") REFERENCES "crm_membership" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "pipeline") REFERENCES "crm_pipeline" (organization_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE "crm_task" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "title" TEXT NOT NULL CHECK (length("title") BETWEEN 1 AND 255),
    "description" TEXT CHECK (length("description") BETWEEN 1 AND 100000),
    "deal" BLOB CHECK (length("deal") = 16),
    "contact" BLOB CHECK (length("contact") = 16),
    "assignee" BLOB CHECK (length("assignee") = 16),
    "status" TEXT NOT NULL CHECK (length("status") <= 40 AND "status" GLOB '[a-z]*' AND "status" NOT GLOB '*[^a-z0-9_]*'),
    "priority" TEXT CHECK (length("priority") <= 40 AND "priority" GLOB '[a-z]*' AND "priority" NOT GLOB '*[^a-z0-9_]*'),
    "due_date" TEXT CHECK ("due_date" GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND date("due_date") = "due_date"),
    "due_at" INTEGER CHECK ("due_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "completed_at" INTEGER CHECK ("completed_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "title_normal" TEXT NOT NULL,
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, "deal") REFERENCES "crm_deal" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "contact") REFERENCES "crm_contact" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "assignee") REFERENCES "crm_membership" (organization_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE "crm_activity" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "kind" TEXT NOT NULL CHECK (length("kind") <= 40 AND "kind" GLOB '[a-z]*' AND "kind" NOT GLOB '*[^a-z0-9_]*'),
    "deal" BLOB CHECK (length("deal") = 16),
    "contact" BLOB CHECK (length("contact") = 16),
    "title" TEXT CHECK (length("title") BETWEEN 1 AND 255),
    "body" TEXT CHECK (length("body") BETWEEN 1 AND 100000),
    "occurred_at" INTEGER NOT NULL CHECK ("occurred_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "payload" TEXT NOT NULL CHECK (json_valid("payload")),
    "author" BLOB CHECK (length("author") = 16),
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, "deal") REFERENCES "crm_deal" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "contact") REFERENCES "crm_contact" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "author") REFERENCES "crm_membership" (organization_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX "crm_organization_by_created_at" ON "crm_organization" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_organization_by_updated_at" ON "crm_organization" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_organization_default_pipeline" ON "crm_organization" (organization_id, "default_pipeline", id);
CREATE INDEX "crm_organization_deleted_by" ON "crm_organization" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_membership_by_created_at" ON "crm_membership" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_membership_by_updated_at" ON "crm_membership" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_membership_role" ON "crm_membership" (organization_id, "role", id);
CREATE INDEX "crm_membership_deleted_by" ON "crm_membership" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_pipeline_by_created_at" ON "crm_pipeline" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_pipeline_by_updated_at" ON "crm_pipeline" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_pipeline_by_name" ON "crm_pipeline" (organization_id, "name_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_pipeline_deleted_by" ON "crm_pipeline" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_contact_by_created_at" ON "crm_contact" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_contact_by_updated_at" ON "crm_contact" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_contact_kind" ON "crm_contact" (organization_id, "kind", id);
CREATE INDEX "crm_contact_by_name" ON "crm_contact" (organization_id, "name_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_contact_employer" ON "crm_contact" (organization_id, "employer", id);
CREATE INDEX "crm_contact_owner" ON "crm_contact" (organization_id, "owner", id);
CREATE INDEX "crm_contact_deleted_by" ON "crm_contact" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_deal_by_created_at" ON "crm_deal" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_deal_by_updated_at" ON "crm_deal" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_deal_by_title" ON "crm_deal" (organization_id, "title_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_deal_contact" ON "crm_deal" (organization_id, "contact", id);
CREATE INDEX "crm_deal_owner" ON "crm_deal" (organization_id, "owner", id);
CREATE INDEX "crm_deal_assignee" ON "crm_deal" (organization_id, "assignee", id);
CREATE INDEX "crm_deal_by_amount" ON "crm_deal" (organization_id, "amount", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_deal_status" ON "crm_deal" (organization_id, "status", id);
CREATE INDEX "crm_deal_pipeline" ON "crm_deal" (organization_id, "pipeline", id);
CREATE INDEX "crm_deal_stage" ON "crm_deal" (organization_id, "stage", id);
CREATE INDEX "crm_deal_by_expected_close_date" ON "crm_deal" (organization_id, "expected_close_date", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_deal_by_expected_close_at" ON "crm_deal" (organization_id, "expected_close_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_deal_outcome" ON "crm_deal" (organization_id, "outcome", id);
CREATE INDEX "crm_deal_by_closed_at" ON "crm_deal" (organization_id, "closed_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_deal_deleted_by" ON "crm_deal" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_task_by_created_at" ON "crm_task" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_task_by_updated_at" ON "crm_task" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_task_by_title" ON "crm_task" (organization_id, "title_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_task_deal" ON "crm_task" (organization_id, "deal", id);
CREATE INDEX "crm_task_contact" ON "crm_task" (organization_id, "contact", id);
CREATE INDEX "crm_task_assignee" ON "crm_task" (organization_id, "assignee", id);
CREATE INDEX "crm_task_status" ON "crm_task" (organization_id, "status", id);
CREATE INDEX "crm_task_priority" ON "crm_task" (organization_id, "priority", id);
CREATE INDEX "crm_task_by_due_date" ON "crm_task" (organization_id, "due_date", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_task_by_due_at" ON "crm_task" (organization_id, "due_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_task_by_completed_at" ON "crm_task" (organization_id, "completed_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_task_deleted_by" ON "crm_task" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_activity_by_created_at" ON "crm_activity" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_activity_by_updated_at" ON "crm_activity" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_activity_kind" ON "crm_activity" (organization_id, "kind", id);
CREATE INDEX "crm_activity_deal" ON "crm_activity" (organization_id, "deal", id);
CREATE INDEX "crm_activity_contact" ON "crm_activity" (organization_id, "contact", id);
CREATE INDEX "crm_activity_by_occurred_at" ON "crm_activity" (organization_id, "occurred_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_activity_author" ON "crm_activity" (organization_id, "author", id);
CREATE INDEX "crm_activity_deleted_by" ON "crm_activity" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

-- The one question that is not asked of an organisation: where a user is a member.
CREATE INDEX "crm_membership_seats" ON "crm_membership" (id, organization_id);

CREATE TABLE "crm_ledger" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "kind" TEXT NOT NULL,
    "subject" BLOB NOT NULL CHECK (length("subject") = 16),
    "version" INTEGER NOT NULL,
    "at" INTEGER NOT NULL CHECK ("at" BETWEEN -62135596800000000 AND 253402300799999999),
    "actor" TEXT NOT NULL CHECK (json_valid("actor")),
    "command" BLOB NOT NULL CHECK (length("command") = 16),
    "cause" TEXT NOT NULL,
    "change" TEXT NOT NULL,
    "fields" TEXT NOT NULL CHECK (json_valid("fields")),
    PRIMARY KEY (organization_id, kind, subject, version)
) STRICT;

CREATE TABLE "crm_event" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "subject" BLOB NOT NULL CHECK (length("subject") = 16),
    "version" INTEGER NOT NULL,
    "at" INTEGER NOT NULL CHECK ("at" BETWEEN -62135596800000000 AND 253402300799999999),
    "actor" TEXT NOT NULL CHECK (json_valid("actor")),
    "command" BLOB NOT NULL CHECK (length("command") = 16),
    "data" TEXT NOT NULL CHECK (json_valid("data")),
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    UNIQUE (organization_id, id)
) STRICT;

CREATE INDEX "crm_event_order" ON "crm_event" (organization_id, number);

CREATE TABLE "crm_claim" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "kind" TEXT NOT NULL,
    "field" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "holder" BLOB NOT NULL CHECK (length("holder") = 16),
    PRIMARY KEY (organization_id, kind, field, value)
) STRICT;

CREATE TABLE "crm_remembered" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "actor" TEXT NOT NULL,
    "operation" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "answer" TEXT NOT NULL CHECK (json_valid("answer")),
    "at" INTEGER NOT NULL CHECK ("at" BETWEEN -62135596800000000 AND 253402300799999999),
    PRIMARY KEY (organization_id, actor, operation, "key")
) STRICT;

CREATE TABLE "crm_command" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    PRIMARY KEY (organization_id, id)
) STRICT;

