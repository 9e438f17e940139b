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
CREATE DOMAIN "{schema}"."text_1_to_200" AS text COLLATE "C" CHECK (char_length(VALUE) BETWEEN 1 AND 200);
CREATE DOMAIN "{schema}"."text_1_to_255" AS text COLLATE "C" CHECK (char_length(VALUE) BETWEEN 1 AND 255);
CREATE DOMAIN "{schema}"."text_1_to_300" AS text COLLATE "C" CHECK (char_length(VALUE) BETWEEN 1 AND 300);
CREATE DOMAIN "{schema}"."text_1_to_50" AS text COLLATE "C" CHECK (char_length(VALUE) BETWEEN 1 AND 50);
CREATE DOMAIN "{schema}"."text_1_to_7" AS text COLLATE "C" CHECK (char_length(VALUE) BETWEEN 1 AND 7);
CREATE DOMAIN "{schema}"."text_2_to_255" AS text COLLATE "C" CHECK (char_length(VALUE) BETWEEN 2 AND 255);
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
    "working_time" "{schema}"."text_1_to_20",
    "working_days" "{schema}"."text_1_to_7",
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

CREATE TABLE "{schema}"."campaign" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "name" "{schema}"."text_1_to_255" NOT NULL,
    "platform" "{schema}"."word",
    "account" "{schema}"."text_1_to_255",
    "status" "{schema}"."word" NOT NULL,
    "starts_on" "{schema}"."day",
    "ends_on" "{schema}"."day",
    "budget" "{schema}"."amount",
    "currency" "{schema}"."currency" NOT NULL,
    "impressions" bigint,
    "clicks" bigint,
    "conversions" bigint,
    "owner" uuid,
    "notes" "{schema}"."text_1_to_100000",
    "name_normal" text COLLATE "C" NOT NULL,
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."cost" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "campaign" uuid,
    "source" "{schema}"."word",
    "spent_on" "{schema}"."day" NOT NULL,
    "amount" "{schema}"."amount" NOT NULL,
    "currency" "{schema}"."currency" NOT NULL,
    "note" "{schema}"."text_1_to_255",
    "author" uuid,
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."complex" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "name" "{schema}"."text_1_to_255" NOT NULL,
    "slug" "{schema}"."text_1_to_100",
    "city" "{schema}"."text_1_to_100",
    "address" "{schema}"."text_1_to_255",
    "description" "{schema}"."text_1_to_100000",
    "currency" "{schema}"."currency" NOT NULL,
    "term_months" bigint NOT NULL,
    "term_starts_on" "{schema}"."day",
    "hybrid_allowed" boolean NOT NULL,
    "identity" "{schema}"."text_1_to_200",
    "name_normal" text COLLATE "C" NOT NULL,
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."unit" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "complex" uuid NOT NULL,
    "block" "{schema}"."text_1_to_50" NOT NULL,
    "floor" bigint NOT NULL,
    "number" "{schema}"."text_1_to_20" NOT NULL,
    "category" "{schema}"."word",
    "rooms" bigint,
    "area" "{schema}"."amount",
    "origin" "{schema}"."text_1_to_255",
    "identity" "{schema}"."text_1_to_200",
    "sold" boolean NOT NULL,
    "held_until" "{schema}"."instant",
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."price" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "complex" uuid NOT NULL,
    "floor" bigint NOT NULL,
    "share" "{schema}"."amount" NOT NULL,
    "amount" "{schema}"."amount" NOT NULL,
    "identity" "{schema}"."text_1_to_200",
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

CREATE TABLE "{schema}"."lead" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "name" "{schema}"."text_2_to_255" NOT NULL,
    "phone" "{schema}"."phone",
    "email" "{schema}"."email",
    "region" "{schema}"."text_1_to_255",
    "company" "{schema}"."text_1_to_255",
    "position" "{schema}"."text_1_to_100",
    "rating" "{schema}"."word",
    "stage" "{schema}"."word" NOT NULL,
    "source" "{schema}"."word",
    "source_note" "{schema}"."text_1_to_255",
    "campaign" uuid,
    "utm_source" "{schema}"."text_1_to_100",
    "utm_medium" "{schema}"."text_1_to_100",
    "utm_campaign" "{schema}"."text_1_to_100",
    "utm_content" "{schema}"."text_1_to_100",
    "utm_term" "{schema}"."text_1_to_100",
    "interest" "{schema}"."text_1_to_255",
    "timeline" "{schema}"."text_1_to_255",
    "budget" "{schema}"."amount",
    "currency" "{schema}"."currency" NOT NULL,
    "unit" uuid,
    "contact" uuid,
    "owner" uuid,
    "next_contact_at" "{schema}"."instant",
    "close_reason" "{schema}"."text_1_to_255",
    "notes" "{schema}"."text_1_to_100000",
    "details" json,
    "phone_key" "{schema}"."text_1_to_50",
    "email_key" "{schema}"."text_1_to_255",
    "duplicate_of" uuid,
    "closed_from" "{schema}"."word",
    "closed_at" "{schema}"."instant",
    "assigned_at" "{schema}"."instant",
    "assigned_on" "{schema}"."day",
    "assignment" "{schema}"."text_1_to_255",
    "converted_at" "{schema}"."instant",
    "touched_at" "{schema}"."instant" NOT NULL,
    "offer_total" "{schema}"."amount",
    "offer_price" "{schema}"."amount",
    "offer_down" "{schema}"."amount",
    "offer_share" "{schema}"."amount",
    "offer_monthly" "{schema}"."amount",
    "offer_final" "{schema}"."amount",
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
    "lead" uuid,
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

CREATE TABLE "{schema}"."hold" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "unit" uuid NOT NULL,
    "lead" uuid NOT NULL,
    "until" "{schema}"."instant" NOT NULL,
    "note" "{schema}"."text_1_to_255",
    "holder" uuid,
    "status" "{schema}"."word" NOT NULL,
    "extensions" bigint NOT NULL,
    "ended_at" "{schema}"."instant",
    "slot" "{schema}"."text_1_to_50",
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."buyer" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "name" "{schema}"."text_1_to_255",
    "passport" "{schema}"."text_1_to_50",
    "personal_id" "{schema}"."text_1_to_50",
    "issued_by" "{schema}"."text_1_to_255",
    "issued_on" "{schema}"."day",
    "address" "{schema}"."text_1_to_255",
    "phone" "{schema}"."phone",
    "email" "{schema}"."email",
    "erased_at" "{schema}"."instant",
    "name_normal" text COLLATE "C",
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."contract" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "number" "{schema}"."text_1_to_50",
    "dated_on" "{schema}"."day" NOT NULL,
    "deal" uuid,
    "lead" uuid,
    "unit" uuid,
    "buyer" uuid,
    "price" "{schema}"."amount",
    "discount" "{schema}"."amount",
    "surcharge" "{schema}"."amount",
    "adjustment_reason" "{schema}"."text_1_to_255",
    "total" "{schema}"."amount" NOT NULL,
    "currency" "{schema}"."currency" NOT NULL,
    "share" "{schema}"."amount",
    "down" "{schema}"."amount",
    "department" "{schema}"."text_1_to_255",
    "details" json,
    "status" "{schema}"."word" NOT NULL,
    "author" uuid,
    "complex" uuid,
    "block" "{schema}"."text_1_to_50",
    "floor" bigint,
    "unit_number" "{schema}"."text_1_to_20",
    "rooms" bigint,
    "area" "{schema}"."amount",
    "signed_at" "{schema}"."instant",
    "cancelled_at" "{schema}"."instant",
    "cancel_reason" "{schema}"."text_1_to_255",
    "identity" "{schema}"."text_1_to_200",
    "slot" "{schema}"."text_1_to_50",
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."payment_plan" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "contract" uuid,
    "lead" uuid,
    "kind" "{schema}"."word" NOT NULL,
    "total" "{schema}"."amount" NOT NULL,
    "currency" "{schema}"."currency" NOT NULL,
    "starts_on" "{schema}"."day" NOT NULL,
    "status" "{schema}"."word" NOT NULL,
    "edition" bigint NOT NULL,
    "replaces" uuid,
    "cancel_reason" "{schema}"."text_1_to_255",
    "slot" "{schema}"."text_1_to_50",
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."installment" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "plan" uuid NOT NULL,
    "number" bigint NOT NULL,
    "role" "{schema}"."word" NOT NULL,
    "amount" "{schema}"."amount" NOT NULL,
    "due_on" "{schema}"."day" NOT NULL,
    "contract" uuid,
    "lead" uuid,
    "currency" "{schema}"."currency" NOT NULL,
    "paid" "{schema}"."amount" NOT NULL,
    "outstanding" "{schema}"."amount",
    "paid_on" "{schema}"."day",
    "on_time" boolean,
    "status" "{schema}"."word" NOT NULL,
    "identity" "{schema}"."text_1_to_100",
    "overdue_noted_at" "{schema}"."instant",
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."payment" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "plan" uuid,
    "contract" uuid,
    "lead" uuid,
    "amount" "{schema}"."amount" NOT NULL,
    "currency" "{schema}"."currency" NOT NULL,
    "received_on" "{schema}"."day" NOT NULL,
    "method" "{schema}"."word",
    "note" "{schema}"."text_1_to_255",
    "entry" "{schema}"."word" NOT NULL,
    "author" uuid,
    "reverses" uuid,
    "reversed_by" uuid,
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."allocation" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "payment" uuid NOT NULL,
    "installment" uuid NOT NULL,
    "plan" uuid NOT NULL,
    "lead" uuid,
    "amount" "{schema}"."amount" NOT NULL,
    "currency" "{schema}"."currency" NOT NULL,
    "received_on" "{schema}"."day" NOT NULL,
    "reversed" boolean NOT NULL,
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."expense" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "title" "{schema}"."text_1_to_255" NOT NULL,
    "description" "{schema}"."text_1_to_100000",
    "amount" "{schema}"."amount" NOT NULL,
    "currency" "{schema}"."currency" NOT NULL,
    "category" "{schema}"."word" NOT NULL,
    "status" "{schema}"."word" NOT NULL,
    "spent_on" "{schema}"."day",
    "receipts" json,
    "author" uuid,
    "paid_at" "{schema}"."instant",
    "title_normal" text COLLATE "C" NOT NULL,
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."counter" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "scope" "{schema}"."text_1_to_100" NOT NULL,
    "last" bigint NOT NULL,
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."attendance" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "member" uuid NOT NULL,
    "day" "{schema}"."day" NOT NULL,
    "check_in" "{schema}"."instant",
    "check_out" "{schema}"."instant",
    "status" "{schema}"."word" NOT NULL,
    "note" "{schema}"."text_1_to_255",
    "identity" "{schema}"."text_1_to_100",
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
    "lead" uuid,
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
    "lead" uuid,
    "title" "{schema}"."text_1_to_255",
    "body" "{schema}"."text_1_to_100000",
    "occurred_at" "{schema}"."instant" NOT NULL,
    "payload" json NOT NULL,
    "author" uuid,
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."reference" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "system" "{schema}"."word" NOT NULL,
    "kind" "{schema}"."word" NOT NULL,
    "external_id" "{schema}"."text_1_to_200" NOT NULL,
    "lead" uuid,
    "contact" uuid,
    "deal" uuid,
    "member" uuid,
    "identity" "{schema}"."text_1_to_300",
    "remote_version" bigint,
    "remote_at" "{schema}"."instant",
    "gone" boolean NOT NULL,
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."incoming" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "system" "{schema}"."word" NOT NULL,
    "kind" "{schema}"."word" NOT NULL,
    "action" "{schema}"."word" NOT NULL,
    "external_id" "{schema}"."text_1_to_200" NOT NULL,
    "event_id" "{schema}"."text_1_to_200",
    "remote_version" bigint,
    "remote_at" "{schema}"."instant",
    "content" json NOT NULL,
    "identity" "{schema}"."text_1_to_300",
    "status" "{schema}"."word" NOT NULL,
    "reason" "{schema}"."text_1_to_255",
    "waits_for" "{schema}"."text_1_to_300",
    "lead" uuid,
    "attempts" bigint NOT NULL,
    "settled_at" "{schema}"."instant",
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."target" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "name" "{schema}"."text_1_to_100" NOT NULL,
    "breaker" "{schema}"."word" NOT NULL,
    "failures" bigint NOT NULL,
    "turn" bigint NOT NULL,
    "open_until" "{schema}"."instant",
    "probe_until" "{schema}"."instant",
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."delivery" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "target" "{schema}"."word" NOT NULL,
    "event" "{schema}"."text_1_to_100" NOT NULL,
    "lane" "{schema}"."text_1_to_100" NOT NULL,
    "content" json NOT NULL,
    "lead" uuid,
    "number" bigint NOT NULL,
    "status" "{schema}"."word" NOT NULL,
    "attempts" bigint NOT NULL,
    "next_at" "{schema}"."instant" NOT NULL,
    "lease_until" "{schema}"."instant",
    "lease" bigint NOT NULL,
    "turn" bigint NOT NULL,
    "last_error" "{schema}"."text_1_to_255",
    "external_id" "{schema}"."text_1_to_200",
    "settled_at" "{schema}"."instant",
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE "{schema}"."notification" (
    organization_id uuid NOT NULL,
    "id" uuid NOT NULL,
    "version" "{schema}"."version" NOT NULL,
    "created_at" "{schema}"."instant" NOT NULL,
    "updated_at" "{schema}"."instant" NOT NULL,
    "deleted_at" "{schema}"."instant",
    "deleted_by" uuid,
    "channel" "{schema}"."word" NOT NULL,
    "user" uuid,
    "recipient" "{schema}"."text_1_to_255",
    "template" "{schema}"."word",
    "variables" json,
    "subject" "{schema}"."text_1_to_255",
    "message" "{schema}"."text_1_to_100000",
    "priority" "{schema}"."word" NOT NULL,
    "scheduled_at" "{schema}"."instant" NOT NULL,
    "lead" uuid,
    "deal" uuid,
    "origin" "{schema}"."word" NOT NULL,
    "status" "{schema}"."word" NOT NULL,
    "attempts" bigint NOT NULL,
    "next_at" "{schema}"."instant" NOT NULL,
    "lease_until" "{schema}"."instant",
    "lease" bigint NOT NULL,
    "last_error" "{schema}"."text_1_to_255",
    "sent_at" "{schema}"."instant",
    "delivered_at" "{schema}"."instant",
    "read_at" "{schema}"."instant",
    "search_text" text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

ALTER TABLE "{schema}"."organization"
    ADD FOREIGN KEY (organization_id, "default_pipeline") REFERENCES "{schema}"."pipeline" (organization_id, id);

ALTER TABLE "{schema}"."campaign"
    ADD FOREIGN KEY (organization_id, "owner") REFERENCES "{schema}"."membership" (organization_id, id);

ALTER TABLE "{schema}"."cost"
    ADD FOREIGN KEY (organization_id, "campaign") REFERENCES "{schema}"."campaign" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "author") REFERENCES "{schema}"."membership" (organization_id, id);

ALTER TABLE "{schema}"."unit"
    ADD FOREIGN KEY (organization_id, "complex") REFERENCES "{schema}"."complex" (organization_id, id);

ALTER TABLE "{schema}"."price"
    ADD FOREIGN KEY (organization_id, "complex") REFERENCES "{schema}"."complex" (organization_id, id);

ALTER TABLE "{schema}"."contact"
    ADD FOREIGN KEY (organization_id, "employer") REFERENCES "{schema}"."contact" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "owner") REFERENCES "{schema}"."membership" (organization_id, id);

ALTER TABLE "{schema}"."lead"
    ADD FOREIGN KEY (organization_id, "campaign") REFERENCES "{schema}"."campaign" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "unit") REFERENCES "{schema}"."unit" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "contact") REFERENCES "{schema}"."contact" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "owner") REFERENCES "{schema}"."membership" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "duplicate_of") REFERENCES "{schema}"."lead" (organization_id, id);

ALTER TABLE "{schema}"."deal"
    ADD FOREIGN KEY (organization_id, "contact") REFERENCES "{schema}"."contact" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "lead") REFERENCES "{schema}"."lead" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "owner") REFERENCES "{schema}"."membership" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "assignee") REFERENCES "{schema}"."membership" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "pipeline") REFERENCES "{schema}"."pipeline" (organization_id, id);

ALTER TABLE "{schema}"."hold"
    ADD FOREIGN KEY (organization_id, "unit") REFERENCES "{schema}"."unit" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "lead") REFERENCES "{schema}"."lead" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "holder") REFERENCES "{schema}"."membership" (organization_id, id);

ALTER TABLE "{schema}"."contract"
    ADD FOREIGN KEY (organization_id, "deal") REFERENCES "{schema}"."deal" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "lead") REFERENCES "{schema}"."lead" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "unit") REFERENCES "{schema}"."unit" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "buyer") REFERENCES "{schema}"."buyer" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "author") REFERENCES "{schema}"."membership" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "complex") REFERENCES "{schema}"."complex" (organization_id, id);

ALTER TABLE "{schema}"."payment_plan"
    ADD FOREIGN KEY (organization_id, "contract") REFERENCES "{schema}"."contract" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "lead") REFERENCES "{schema}"."lead" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "replaces") REFERENCES "{schema}"."payment_plan" (organization_id, id);

ALTER TABLE "{schema}"."installment"
    ADD FOREIGN KEY (organization_id, "plan") REFERENCES "{schema}"."payment_plan" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "contract") REFERENCES "{schema}"."contract" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "lead") REFERENCES "{schema}"."lead" (organization_id, id);

ALTER TABLE "{schema}"."payment"
    ADD FOREIGN KEY (organization_id, "plan") REFERENCES "{schema}"."payment_plan" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "contract") REFERENCES "{schema}"."contract" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "lead") REFERENCES "{schema}"."lead" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "author") REFERENCES "{schema}"."membership" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "reverses") REFERENCES "{schema}"."payment" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "reversed_by") REFERENCES "{schema}"."payment" (organization_id, id);

ALTER TABLE "{schema}"."allocation"
    ADD FOREIGN KEY (organization_id, "payment") REFERENCES "{schema}"."payment" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "installment") REFERENCES "{schema}"."installment" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "plan") REFERENCES "{schema}"."payment_plan" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "lead") REFERENCES "{schema}"."lead" (organization_id, id);

ALTER TABLE "{schema}"."expense"
    ADD FOREIGN KEY (organization_id, "author") REFERENCES "{schema}"."membership" (organization_id, id);

ALTER TABLE "{schema}"."attendance"
    ADD FOREIGN KEY (organization_id, "member") REFERENCES "{schema}"."membership" (organization_id, id);

ALTER TABLE "{schema}"."task"
    ADD FOREIGN KEY (organization_id, "deal") REFERENCES "{schema}"."deal" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "contact") REFERENCES "{schema}"."contact" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "lead") REFERENCES "{schema}"."lead" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "assignee") REFERENCES "{schema}"."membership" (organization_id, id);

ALTER TABLE "{schema}"."activity"
    ADD FOREIGN KEY (organization_id, "deal") REFERENCES "{schema}"."deal" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "contact") REFERENCES "{schema}"."contact" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "lead") REFERENCES "{schema}"."lead" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "author") REFERENCES "{schema}"."membership" (organization_id, id);

ALTER TABLE "{schema}"."reference"
    ADD FOREIGN KEY (organization_id, "lead") REFERENCES "{schema}"."lead" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "contact") REFERENCES "{schema}"."contact" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "deal") REFERENCES "{schema}"."deal" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "member") REFERENCES "{schema}"."membership" (organization_id, id);

ALTER TABLE "{schema}"."incoming"
    ADD FOREIGN KEY (organization_id, "lead") REFERENCES "{schema}"."lead" (organization_id, id);

ALTER TABLE "{schema}"."delivery"
    ADD FOREIGN KEY (organization_id, "lead") REFERENCES "{schema}"."lead" (organization_id, id);

ALTER TABLE "{schema}"."notification"
    ADD FOREIGN KEY (organization_id, "user") REFERENCES "{schema}"."membership" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "lead") REFERENCES "{schema}"."lead" (organization_id, id),
    ADD FOREIGN KEY (organization_id, "deal") REFERENCES "{schema}"."deal" (organization_id, id);

CREATE INDEX "organization_by_created_at" ON "{schema}"."organization" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "organization_by_updated_at" ON "{schema}"."organization" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "organization_of_default_pipeline" ON "{schema}"."organization" (organization_id, "default_pipeline", id);
CREATE INDEX "organization_deleted_by" ON "{schema}"."organization" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "membership_by_created_at" ON "{schema}"."membership" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "membership_by_updated_at" ON "{schema}"."membership" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "membership_of_role" ON "{schema}"."membership" (organization_id, "role", id);
CREATE INDEX "membership_deleted_by" ON "{schema}"."membership" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "pipeline_by_created_at" ON "{schema}"."pipeline" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "pipeline_by_updated_at" ON "{schema}"."pipeline" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "pipeline_by_name" ON "{schema}"."pipeline" (organization_id, "name_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "pipeline_deleted_by" ON "{schema}"."pipeline" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "campaign_by_created_at" ON "{schema}"."campaign" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "campaign_by_updated_at" ON "{schema}"."campaign" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "campaign_by_name" ON "{schema}"."campaign" (organization_id, "name_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "campaign_of_platform" ON "{schema}"."campaign" (organization_id, "platform", id);
CREATE INDEX "campaign_of_status" ON "{schema}"."campaign" (organization_id, "status", id);
CREATE INDEX "campaign_by_starts_on" ON "{schema}"."campaign" (organization_id, "starts_on", id) WHERE deleted_at IS NULL;
CREATE INDEX "campaign_of_owner" ON "{schema}"."campaign" (organization_id, "owner", id);
CREATE INDEX "campaign_deleted_by" ON "{schema}"."campaign" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "cost_by_created_at" ON "{schema}"."cost" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "cost_by_updated_at" ON "{schema}"."cost" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "cost_of_campaign" ON "{schema}"."cost" (organization_id, "campaign", id);
CREATE INDEX "cost_of_source" ON "{schema}"."cost" (organization_id, "source", id);
CREATE INDEX "cost_by_spent_on" ON "{schema}"."cost" (organization_id, "spent_on", id) WHERE deleted_at IS NULL;
CREATE INDEX "cost_by_amount" ON "{schema}"."cost" (organization_id, "amount", id) WHERE deleted_at IS NULL;
CREATE INDEX "cost_of_author" ON "{schema}"."cost" (organization_id, "author", id);
CREATE INDEX "cost_deleted_by" ON "{schema}"."cost" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "complex_by_created_at" ON "{schema}"."complex" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "complex_by_updated_at" ON "{schema}"."complex" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "complex_by_name" ON "{schema}"."complex" (organization_id, "name_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "complex_deleted_by" ON "{schema}"."complex" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "unit_by_created_at" ON "{schema}"."unit" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "unit_by_updated_at" ON "{schema}"."unit" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "unit_of_complex" ON "{schema}"."unit" (organization_id, "complex", id);
CREATE INDEX "unit_of_category" ON "{schema}"."unit" (organization_id, "category", id);
CREATE INDEX "unit_deleted_by" ON "{schema}"."unit" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "price_by_created_at" ON "{schema}"."price" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "price_by_updated_at" ON "{schema}"."price" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "price_of_complex" ON "{schema}"."price" (organization_id, "complex", id);
CREATE INDEX "price_deleted_by" ON "{schema}"."price" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "contact_by_created_at" ON "{schema}"."contact" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "contact_by_updated_at" ON "{schema}"."contact" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "contact_of_kind" ON "{schema}"."contact" (organization_id, "kind", id);
CREATE INDEX "contact_by_name" ON "{schema}"."contact" (organization_id, "name_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "contact_of_employer" ON "{schema}"."contact" (organization_id, "employer", id);
CREATE INDEX "contact_of_owner" ON "{schema}"."contact" (organization_id, "owner", id);
CREATE INDEX "contact_deleted_by" ON "{schema}"."contact" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "lead_by_created_at" ON "{schema}"."lead" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "lead_by_updated_at" ON "{schema}"."lead" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "lead_by_name" ON "{schema}"."lead" (organization_id, "name_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "lead_of_rating" ON "{schema}"."lead" (organization_id, "rating", id);
CREATE INDEX "lead_of_stage" ON "{schema}"."lead" (organization_id, "stage", id);
CREATE INDEX "lead_of_source" ON "{schema}"."lead" (organization_id, "source", id);
CREATE INDEX "lead_of_campaign" ON "{schema}"."lead" (organization_id, "campaign", id);
CREATE INDEX "lead_of_utm_source" ON "{schema}"."lead" (organization_id, "utm_source", id);
CREATE INDEX "lead_of_unit" ON "{schema}"."lead" (organization_id, "unit", id);
CREATE INDEX "lead_of_contact" ON "{schema}"."lead" (organization_id, "contact", id);
CREATE INDEX "lead_of_owner" ON "{schema}"."lead" (organization_id, "owner", id);
CREATE INDEX "lead_by_next_contact_at" ON "{schema}"."lead" (organization_id, "next_contact_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "lead_of_phone_key" ON "{schema}"."lead" (organization_id, "phone_key", id);
CREATE INDEX "lead_of_email_key" ON "{schema}"."lead" (organization_id, "email_key", id);
CREATE INDEX "lead_of_duplicate_of" ON "{schema}"."lead" (organization_id, "duplicate_of", id);
CREATE INDEX "lead_by_closed_at" ON "{schema}"."lead" (organization_id, "closed_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "lead_by_assigned_at" ON "{schema}"."lead" (organization_id, "assigned_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "lead_of_assigned_on" ON "{schema}"."lead" (organization_id, "assigned_on", id);
CREATE INDEX "lead_by_converted_at" ON "{schema}"."lead" (organization_id, "converted_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "lead_by_touched_at" ON "{schema}"."lead" (organization_id, "touched_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "lead_deleted_by" ON "{schema}"."lead" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "deal_by_created_at" ON "{schema}"."deal" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "deal_by_updated_at" ON "{schema}"."deal" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "deal_by_title" ON "{schema}"."deal" (organization_id, "title_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "deal_of_contact" ON "{schema}"."deal" (organization_id, "contact", id);
CREATE INDEX "deal_of_lead" ON "{schema}"."deal" (organization_id, "lead", id);
CREATE INDEX "deal_of_owner" ON "{schema}"."deal" (organization_id, "owner", id);
CREATE INDEX "deal_of_assignee" ON "{schema}"."deal" (organization_id, "assignee", id);
CREATE INDEX "deal_by_amount" ON "{schema}"."deal" (organization_id, "amount", id) WHERE deleted_at IS NULL;
CREATE INDEX "deal_of_status" ON "{schema}"."deal" (organization_id, "status", id);
CREATE INDEX "deal_of_pipeline" ON "{schema}"."deal" (organization_id, "pipeline", id);
CREATE INDEX "deal_of_stage" ON "{schema}"."deal" (organization_id, "stage", id);
CREATE INDEX "deal_by_expected_close_date" ON "{schema}"."deal" (organization_id, "expected_close_date", id) WHERE deleted_at IS NULL;
CREATE INDEX "deal_by_expected_close_at" ON "{schema}"."deal" (organization_id, "expected_close_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "deal_of_outcome" ON "{schema}"."deal" (organization_id, "outcome", id);
CREATE INDEX "deal_by_closed_at" ON "{schema}"."deal" (organization_id, "closed_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "deal_deleted_by" ON "{schema}"."deal" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "hold_by_created_at" ON "{schema}"."hold" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "hold_by_updated_at" ON "{schema}"."hold" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "hold_of_unit" ON "{schema}"."hold" (organization_id, "unit", id);
CREATE INDEX "hold_of_lead" ON "{schema}"."hold" (organization_id, "lead", id);
CREATE INDEX "hold_by_until" ON "{schema}"."hold" (organization_id, "until", id) WHERE deleted_at IS NULL;
CREATE INDEX "hold_of_holder" ON "{schema}"."hold" (organization_id, "holder", id);
CREATE INDEX "hold_of_status" ON "{schema}"."hold" (organization_id, "status", id);
CREATE INDEX "hold_deleted_by" ON "{schema}"."hold" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "buyer_by_created_at" ON "{schema}"."buyer" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "buyer_by_updated_at" ON "{schema}"."buyer" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "buyer_by_name" ON "{schema}"."buyer" (organization_id, "name_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "buyer_deleted_by" ON "{schema}"."buyer" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "contract_by_created_at" ON "{schema}"."contract" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "contract_by_updated_at" ON "{schema}"."contract" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "contract_by_dated_on" ON "{schema}"."contract" (organization_id, "dated_on", id) WHERE deleted_at IS NULL;
CREATE INDEX "contract_of_deal" ON "{schema}"."contract" (organization_id, "deal", id);
CREATE INDEX "contract_of_lead" ON "{schema}"."contract" (organization_id, "lead", id);
CREATE INDEX "contract_of_unit" ON "{schema}"."contract" (organization_id, "unit", id);
CREATE INDEX "contract_of_buyer" ON "{schema}"."contract" (organization_id, "buyer", id);
CREATE INDEX "contract_by_total" ON "{schema}"."contract" (organization_id, "total", id) WHERE deleted_at IS NULL;
CREATE INDEX "contract_of_status" ON "{schema}"."contract" (organization_id, "status", id);
CREATE INDEX "contract_of_author" ON "{schema}"."contract" (organization_id, "author", id);
CREATE INDEX "contract_of_complex" ON "{schema}"."contract" (organization_id, "complex", id);
CREATE INDEX "contract_by_signed_at" ON "{schema}"."contract" (organization_id, "signed_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "contract_by_cancelled_at" ON "{schema}"."contract" (organization_id, "cancelled_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "contract_deleted_by" ON "{schema}"."contract" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "payment_plan_by_created_at" ON "{schema}"."payment_plan" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "payment_plan_by_updated_at" ON "{schema}"."payment_plan" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "payment_plan_of_contract" ON "{schema}"."payment_plan" (organization_id, "contract", id);
CREATE INDEX "payment_plan_of_lead" ON "{schema}"."payment_plan" (organization_id, "lead", id);
CREATE INDEX "payment_plan_of_kind" ON "{schema}"."payment_plan" (organization_id, "kind", id);
CREATE INDEX "payment_plan_by_total" ON "{schema}"."payment_plan" (organization_id, "total", id) WHERE deleted_at IS NULL;
CREATE INDEX "payment_plan_by_starts_on" ON "{schema}"."payment_plan" (organization_id, "starts_on", id) WHERE deleted_at IS NULL;
CREATE INDEX "payment_plan_of_status" ON "{schema}"."payment_plan" (organization_id, "status", id);
CREATE INDEX "payment_plan_of_replaces" ON "{schema}"."payment_plan" (organization_id, "replaces", id);
CREATE INDEX "payment_plan_deleted_by" ON "{schema}"."payment_plan" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "installment_by_created_at" ON "{schema}"."installment" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "installment_by_updated_at" ON "{schema}"."installment" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "installment_of_plan" ON "{schema}"."installment" (organization_id, "plan", id);
CREATE INDEX "installment_by_number" ON "{schema}"."installment" (organization_id, "number", id) WHERE deleted_at IS NULL;
CREATE INDEX "installment_by_amount" ON "{schema}"."installment" (organization_id, "amount", id) WHERE deleted_at IS NULL;
CREATE INDEX "installment_by_due_on" ON "{schema}"."installment" (organization_id, "due_on", id) WHERE deleted_at IS NULL;
CREATE INDEX "installment_of_contract" ON "{schema}"."installment" (organization_id, "contract", id);
CREATE INDEX "installment_of_lead" ON "{schema}"."installment" (organization_id, "lead", id);
CREATE INDEX "installment_by_outstanding" ON "{schema}"."installment" (organization_id, "outstanding", id) WHERE deleted_at IS NULL;
CREATE INDEX "installment_by_paid_on" ON "{schema}"."installment" (organization_id, "paid_on", id) WHERE deleted_at IS NULL;
CREATE INDEX "installment_of_status" ON "{schema}"."installment" (organization_id, "status", id);
CREATE INDEX "installment_deleted_by" ON "{schema}"."installment" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "payment_by_created_at" ON "{schema}"."payment" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "payment_by_updated_at" ON "{schema}"."payment" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "payment_of_plan" ON "{schema}"."payment" (organization_id, "plan", id);
CREATE INDEX "payment_of_contract" ON "{schema}"."payment" (organization_id, "contract", id);
CREATE INDEX "payment_of_lead" ON "{schema}"."payment" (organization_id, "lead", id);
CREATE INDEX "payment_by_amount" ON "{schema}"."payment" (organization_id, "amount", id) WHERE deleted_at IS NULL;
CREATE INDEX "payment_by_received_on" ON "{schema}"."payment" (organization_id, "received_on", id) WHERE deleted_at IS NULL;
CREATE INDEX "payment_of_method" ON "{schema}"."payment" (organization_id, "method", id);
CREATE INDEX "payment_of_entry" ON "{schema}"."payment" (organization_id, "entry", id);
CREATE INDEX "payment_of_author" ON "{schema}"."payment" (organization_id, "author", id);
CREATE INDEX "payment_of_reverses" ON "{schema}"."payment" (organization_id, "reverses", id);
CREATE INDEX "payment_of_reversed_by" ON "{schema}"."payment" (organization_id, "reversed_by", id);
CREATE INDEX "payment_deleted_by" ON "{schema}"."payment" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "allocation_by_created_at" ON "{schema}"."allocation" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "allocation_by_updated_at" ON "{schema}"."allocation" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "allocation_of_payment" ON "{schema}"."allocation" (organization_id, "payment", id);
CREATE INDEX "allocation_of_installment" ON "{schema}"."allocation" (organization_id, "installment", id);
CREATE INDEX "allocation_of_plan" ON "{schema}"."allocation" (organization_id, "plan", id);
CREATE INDEX "allocation_of_lead" ON "{schema}"."allocation" (organization_id, "lead", id);
CREATE INDEX "allocation_deleted_by" ON "{schema}"."allocation" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "expense_by_created_at" ON "{schema}"."expense" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "expense_by_updated_at" ON "{schema}"."expense" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "expense_by_title" ON "{schema}"."expense" (organization_id, "title_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "expense_by_amount" ON "{schema}"."expense" (organization_id, "amount", id) WHERE deleted_at IS NULL;
CREATE INDEX "expense_of_category" ON "{schema}"."expense" (organization_id, "category", id);
CREATE INDEX "expense_of_status" ON "{schema}"."expense" (organization_id, "status", id);
CREATE INDEX "expense_by_spent_on" ON "{schema}"."expense" (organization_id, "spent_on", id) WHERE deleted_at IS NULL;
CREATE INDEX "expense_of_author" ON "{schema}"."expense" (organization_id, "author", id);
CREATE INDEX "expense_by_paid_at" ON "{schema}"."expense" (organization_id, "paid_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "expense_deleted_by" ON "{schema}"."expense" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "counter_by_created_at" ON "{schema}"."counter" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "counter_by_updated_at" ON "{schema}"."counter" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "counter_deleted_by" ON "{schema}"."counter" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "attendance_by_created_at" ON "{schema}"."attendance" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "attendance_by_updated_at" ON "{schema}"."attendance" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "attendance_of_member" ON "{schema}"."attendance" (organization_id, "member", id);
CREATE INDEX "attendance_by_day" ON "{schema}"."attendance" (organization_id, "day", id) WHERE deleted_at IS NULL;
CREATE INDEX "attendance_of_status" ON "{schema}"."attendance" (organization_id, "status", id);
CREATE INDEX "attendance_deleted_by" ON "{schema}"."attendance" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "task_by_created_at" ON "{schema}"."task" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "task_by_updated_at" ON "{schema}"."task" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "task_by_title" ON "{schema}"."task" (organization_id, "title_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "task_of_deal" ON "{schema}"."task" (organization_id, "deal", id);
CREATE INDEX "task_of_contact" ON "{schema}"."task" (organization_id, "contact", id);
CREATE INDEX "task_of_lead" ON "{schema}"."task" (organization_id, "lead", id);
CREATE INDEX "task_of_assignee" ON "{schema}"."task" (organization_id, "assignee", id);
CREATE INDEX "task_of_status" ON "{schema}"."task" (organization_id, "status", id);
CREATE INDEX "task_of_priority" ON "{schema}"."task" (organization_id, "priority", id);
CREATE INDEX "task_by_due_date" ON "{schema}"."task" (organization_id, "due_date", id) WHERE deleted_at IS NULL;
CREATE INDEX "task_by_due_at" ON "{schema}"."task" (organization_id, "due_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "task_by_completed_at" ON "{schema}"."task" (organization_id, "completed_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "task_deleted_by" ON "{schema}"."task" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "activity_by_created_at" ON "{schema}"."activity" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "activity_by_updated_at" ON "{schema}"."activity" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "activity_of_kind" ON "{schema}"."activity" (organization_id, "kind", id);
CREATE INDEX "activity_of_deal" ON "{schema}"."activity" (organization_id, "deal", id);
CREATE INDEX "activity_of_contact" ON "{schema}"."activity" (organization_id, "contact", id);
CREATE INDEX "activity_of_lead" ON "{schema}"."activity" (organization_id, "lead", id);
CREATE INDEX "activity_by_occurred_at" ON "{schema}"."activity" (organization_id, "occurred_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "activity_of_author" ON "{schema}"."activity" (organization_id, "author", id);
CREATE INDEX "activity_deleted_by" ON "{schema}"."activity" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "reference_by_created_at" ON "{schema}"."reference" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "reference_by_updated_at" ON "{schema}"."reference" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "reference_of_system" ON "{schema}"."reference" (organization_id, "system", id);
CREATE INDEX "reference_of_lead" ON "{schema}"."reference" (organization_id, "lead", id);
CREATE INDEX "reference_of_contact" ON "{schema}"."reference" (organization_id, "contact", id);
CREATE INDEX "reference_of_deal" ON "{schema}"."reference" (organization_id, "deal", id);
CREATE INDEX "reference_of_member" ON "{schema}"."reference" (organization_id, "member", id);
CREATE INDEX "reference_of_identity" ON "{schema}"."reference" (organization_id, "identity", id);
CREATE INDEX "reference_deleted_by" ON "{schema}"."reference" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "incoming_by_created_at" ON "{schema}"."incoming" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "incoming_by_updated_at" ON "{schema}"."incoming" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "incoming_of_system" ON "{schema}"."incoming" (organization_id, "system", id);
CREATE INDEX "incoming_of_external_id" ON "{schema}"."incoming" (organization_id, "external_id", id);
CREATE INDEX "incoming_of_status" ON "{schema}"."incoming" (organization_id, "status", id);
CREATE INDEX "incoming_of_waits_for" ON "{schema}"."incoming" (organization_id, "waits_for", id);
CREATE INDEX "incoming_of_lead" ON "{schema}"."incoming" (organization_id, "lead", id);
CREATE INDEX "incoming_by_settled_at" ON "{schema}"."incoming" (organization_id, "settled_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "incoming_deleted_by" ON "{schema}"."incoming" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "target_by_created_at" ON "{schema}"."target" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "target_by_updated_at" ON "{schema}"."target" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "target_of_name" ON "{schema}"."target" (organization_id, "name", id);
CREATE INDEX "target_deleted_by" ON "{schema}"."target" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "delivery_by_created_at" ON "{schema}"."delivery" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "delivery_by_updated_at" ON "{schema}"."delivery" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "delivery_of_target" ON "{schema}"."delivery" (organization_id, "target", id);
CREATE INDEX "delivery_of_lane" ON "{schema}"."delivery" (organization_id, "lane", id);
CREATE INDEX "delivery_of_lead" ON "{schema}"."delivery" (organization_id, "lead", id);
CREATE INDEX "delivery_of_status" ON "{schema}"."delivery" (organization_id, "status", id);
CREATE INDEX "delivery_by_next_at" ON "{schema}"."delivery" (organization_id, "next_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "delivery_by_settled_at" ON "{schema}"."delivery" (organization_id, "settled_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "delivery_deleted_by" ON "{schema}"."delivery" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "notification_by_created_at" ON "{schema}"."notification" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "notification_by_updated_at" ON "{schema}"."notification" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "notification_of_channel" ON "{schema}"."notification" (organization_id, "channel", id);
CREATE INDEX "notification_of_user" ON "{schema}"."notification" (organization_id, "user", id);
CREATE INDEX "notification_of_priority" ON "{schema}"."notification" (organization_id, "priority", id);
CREATE INDEX "notification_by_scheduled_at" ON "{schema}"."notification" (organization_id, "scheduled_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "notification_of_lead" ON "{schema}"."notification" (organization_id, "lead", id);
CREATE INDEX "notification_of_deal" ON "{schema}"."notification" (organization_id, "deal", id);
CREATE INDEX "notification_of_status" ON "{schema}"."notification" (organization_id, "status", id);
CREATE INDEX "notification_by_next_at" ON "{schema}"."notification" (organization_id, "next_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "notification_deleted_by" ON "{schema}"."notification" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

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

