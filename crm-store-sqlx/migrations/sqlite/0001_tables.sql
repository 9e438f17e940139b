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
    "working_time" TEXT CHECK (length("working_time") BETWEEN 1 AND 20),
    "working_days" TEXT CHECK (length("working_days") BETWEEN 1 AND 7),
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

CREATE TABLE "crm_campaign" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "name" TEXT NOT NULL CHECK (length("name") BETWEEN 1 AND 255),
    "platform" TEXT CHECK (length("platform") <= 40 AND "platform" GLOB '[a-z]*' AND "platform" NOT GLOB '*[^a-z0-9_]*'),
    "account" TEXT CHECK (length("account") BETWEEN 1 AND 255),
    "status" TEXT NOT NULL CHECK (length("status") <= 40 AND "status" GLOB '[a-z]*' AND "status" NOT GLOB '*[^a-z0-9_]*'),
    "starts_on" TEXT CHECK ("starts_on" GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND date("starts_on") = "starts_on"),
    "ends_on" TEXT CHECK ("ends_on" GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND date("ends_on") = "ends_on"),
    "budget" TEXT CHECK (length("budget") = 58 AND "budget" NOT GLOB '*[^0-9]*'),
    "budget_scale" INTEGER CHECK ("budget_scale" BETWEEN 0 AND 28),
    "currency" TEXT NOT NULL CHECK ("currency" GLOB '[A-Z][A-Z][A-Z]'),
    "impressions" INTEGER,
    "clicks" INTEGER,
    "conversions" INTEGER,
    "owner" BLOB CHECK (length("owner") = 16),
    "notes" TEXT CHECK (length("notes") BETWEEN 1 AND 100000),
    "name_normal" TEXT NOT NULL,
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, "owner") REFERENCES "crm_membership" (organization_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE "crm_cost" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "campaign" BLOB CHECK (length("campaign") = 16),
    "source" TEXT CHECK (length("source") <= 40 AND "source" GLOB '[a-z]*' AND "source" NOT GLOB '*[^a-z0-9_]*'),
    "spent_on" TEXT NOT NULL CHECK ("spent_on" GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND date("spent_on") = "spent_on"),
    "amount" TEXT NOT NULL CHECK (length("amount") = 58 AND "amount" NOT GLOB '*[^0-9]*'),
    "amount_scale" INTEGER NOT NULL CHECK ("amount_scale" BETWEEN 0 AND 28),
    "currency" TEXT NOT NULL CHECK ("currency" GLOB '[A-Z][A-Z][A-Z]'),
    "note" TEXT CHECK (length("note") BETWEEN 1 AND 255),
    "author" BLOB CHECK (length("author") = 16),
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, "campaign") REFERENCES "crm_campaign" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "author") REFERENCES "crm_membership" (organization_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE "crm_complex" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "name" TEXT NOT NULL CHECK (length("name") BETWEEN 1 AND 255),
    "slug" TEXT CHECK (length("slug") BETWEEN 1 AND 100),
    "city" TEXT CHECK (length("city") BETWEEN 1 AND 100),
    "address" TEXT CHECK (length("address") BETWEEN 1 AND 255),
    "description" TEXT CHECK (length("description") BETWEEN 1 AND 100000),
    "currency" TEXT NOT NULL CHECK ("currency" GLOB '[A-Z][A-Z][A-Z]'),
    "term_months" INTEGER NOT NULL,
    "term_starts_on" TEXT CHECK ("term_starts_on" GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND date("term_starts_on") = "term_starts_on"),
    "hybrid_allowed" INTEGER NOT NULL CHECK ("hybrid_allowed" IN (0, 1)),
    "identity" TEXT CHECK (length("identity") BETWEEN 1 AND 200),
    "name_normal" TEXT NOT NULL,
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT;

CREATE TABLE "crm_unit" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "complex" BLOB NOT NULL CHECK (length("complex") = 16),
    "block" TEXT NOT NULL CHECK (length("block") BETWEEN 1 AND 50),
    "floor" INTEGER NOT NULL,
    "number" TEXT NOT NULL CHECK (length("number") BETWEEN 1 AND 20),
    "category" TEXT CHECK (length("category") <= 40 AND "category" GLOB '[a-z]*' AND "category" NOT GLOB '*[^a-z0-9_]*'),
    "rooms" INTEGER,
    "area" TEXT CHECK (length("area") = 58 AND "area" NOT GLOB '*[^0-9]*'),
    "area_scale" INTEGER CHECK ("area_scale" BETWEEN 0 AND 28),
    "origin" TEXT CHECK (length("origin") BETWEEN 1 AND 255),
    "identity" TEXT CHECK (length("identity") BETWEEN 1 AND 200),
    "sold" INTEGER NOT NULL CHECK ("sold" IN (0, 1)),
    "held_until" INTEGER CHECK ("held_until" BETWEEN -62135596800000000 AND 253402300799999999),
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, "complex") REFERENCES "crm_complex" (organization_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE "crm_price" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "complex" BLOB NOT NULL CHECK (length("complex") = 16),
    "floor" INTEGER NOT NULL,
    "share" TEXT NOT NULL CHECK (length("share") = 58 AND "share" NOT GLOB '*[^0-9]*'),
    "share_scale" INTEGER NOT NULL CHECK ("share_scale" BETWEEN 0 AND 28),
    "amount" TEXT NOT NULL CHECK (length("amount") = 58 AND "amount" NOT GLOB '*[^0-9]*'),
    "amount_scale" INTEGER NOT NULL CHECK ("amount_scale" BETWEEN 0 AND 28),
    "identity" TEXT CHECK (length("identity") BETWEEN 1 AND 200),
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, "complex") REFERENCES "crm_complex" (organization_id, id) DEFERRABLE INITIALLY DEFERRED
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

CREATE TABLE "crm_lead" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "name" TEXT NOT NULL CHECK (length("name") BETWEEN 2 AND 255),
    "phone" TEXT CHECK (length("phone") BETWEEN 1 AND 50),
    "email" TEXT CHECK (length("email") <= 255 AND "email" GLOB '?*@?*.?*'),
    "region" TEXT CHECK (length("region") BETWEEN 1 AND 255),
    "company" TEXT CHECK (length("company") BETWEEN 1 AND 255),
    "position" TEXT CHECK (length("position") BETWEEN 1 AND 100),
    "rating" TEXT CHECK (length("rating") <= 40 AND "rating" GLOB '[a-z]*' AND "rating" NOT GLOB '*[^a-z0-9_]*'),
    "stage" TEXT NOT NULL CHECK (length("stage") <= 40 AND "stage" GLOB '[a-z]*' AND "stage" NOT GLOB '*[^a-z0-9_]*'),
    "source" TEXT CHECK (length("source") <= 40 AND "source" GLOB '[a-z]*' AND "source" NOT GLOB '*[^a-z0-9_]*'),
    "source_note" TEXT CHECK (length("source_note") BETWEEN 1 AND 255),
    "campaign" BLOB CHECK (length("campaign") = 16),
    "utm_source" TEXT CHECK (length("utm_source") BETWEEN 1 AND 100),
    "utm_medium" TEXT CHECK (length("utm_medium") BETWEEN 1 AND 100),
    "utm_campaign" TEXT CHECK (length("utm_campaign") BETWEEN 1 AND 100),
    "utm_content" TEXT CHECK (length("utm_content") BETWEEN 1 AND 100),
    "utm_term" TEXT CHECK (length("utm_term") BETWEEN 1 AND 100),
    "interest" TEXT CHECK (length("interest") BETWEEN 1 AND 255),
    "timeline" TEXT CHECK (length("timeline") BETWEEN 1 AND 255),
    "budget" TEXT CHECK (length("budget") = 58 AND "budget" NOT GLOB '*[^0-9]*'),
    "budget_scale" INTEGER CHECK ("budget_scale" BETWEEN 0 AND 28),
    "currency" TEXT NOT NULL CHECK ("currency" GLOB '[A-Z][A-Z][A-Z]'),
    "unit" BLOB CHECK (length("unit") = 16),
    "contact" BLOB CHECK (length("contact") = 16),
    "owner" BLOB CHECK (length("owner") = 16),
    "next_contact_at" INTEGER CHECK ("next_contact_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "close_reason" TEXT CHECK (length("close_reason") BETWEEN 1 AND 255),
    "notes" TEXT CHECK (length("notes") BETWEEN 1 AND 100000),
    "details" TEXT CHECK (json_valid("details")),
    "phone_key" TEXT CHECK (length("phone_key") BETWEEN 1 AND 50),
    "email_key" TEXT CHECK (length("email_key") BETWEEN 1 AND 255),
    "duplicate_of" BLOB CHECK (length("duplicate_of") = 16),
    "closed_from" TEXT CHECK (length("closed_from") <= 40 AND "closed_from" GLOB '[a-z]*' AND "closed_from" NOT GLOB '*[^a-z0-9_]*'),
    "closed_at" INTEGER CHECK ("closed_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "assigned_at" INTEGER CHECK ("assigned_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "assigned_on" TEXT CHECK ("assigned_on" GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND date("assigned_on") = "assigned_on"),
    "assignment" TEXT CHECK (length("assignment") BETWEEN 1 AND 255),
    "converted_at" INTEGER CHECK ("converted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "touched_at" INTEGER NOT NULL CHECK ("touched_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "offer_total" TEXT CHECK (length("offer_total") = 58 AND "offer_total" NOT GLOB '*[^0-9]*'),
    "offer_total_scale" INTEGER CHECK ("offer_total_scale" BETWEEN 0 AND 28),
    "offer_price" TEXT CHECK (length("offer_price") = 58 AND "offer_price" NOT GLOB '*[^0-9]*'),
    "offer_price_scale" INTEGER CHECK ("offer_price_scale" BETWEEN 0 AND 28),
    "offer_down" TEXT CHECK (length("offer_down") = 58 AND "offer_down" NOT GLOB '*[^0-9]*'),
    "offer_down_scale" INTEGER CHECK ("offer_down_scale" BETWEEN 0 AND 28),
    "offer_share" TEXT CHECK (length("offer_share") = 58 AND "offer_share" NOT GLOB '*[^0-9]*'),
    "offer_share_scale" INTEGER CHECK ("offer_share_scale" BETWEEN 0 AND 28),
    "offer_monthly" TEXT CHECK (length("offer_monthly") = 58 AND "offer_monthly" NOT GLOB '*[^0-9]*'),
    "offer_monthly_scale" INTEGER CHECK ("offer_monthly_scale" BETWEEN 0 AND 28),
    "offer_final" TEXT CHECK (length("offer_final") = 58 AND "offer_final" NOT GLOB '*[^0-9]*'),
    "offer_final_scale" INTEGER CHECK ("offer_final_scale" BETWEEN 0 AND 28),
    "name_normal" TEXT NOT NULL,
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, "campaign") REFERENCES "crm_campaign" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "unit") REFERENCES "crm_unit" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "contact") REFERENCES "crm_contact" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "owner") REFERENCES "crm_membership" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "duplicate_of") REFERENCES "crm_lead" (organization_id, id) DEFERRABLE INITIALLY DEFERRED
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
    "lead" BLOB CHECK (length("lead") = 16),
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
    FOREIGN KEY (organization_id, "lead") REFERENCES "crm_lead" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "owner") REFERENCES "crm_membership" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "assignee") REFERENCES "crm_membership" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "pipeline") REFERENCES "crm_pipeline" (organization_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE "crm_hold" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "unit" BLOB NOT NULL CHECK (length("unit") = 16),
    "lead" BLOB NOT NULL CHECK (length("lead") = 16),
    "until" INTEGER NOT NULL CHECK ("until" BETWEEN -62135596800000000 AND 253402300799999999),
    "note" TEXT CHECK (length("note") BETWEEN 1 AND 255),
    "holder" BLOB CHECK (length("holder") = 16),
    "status" TEXT NOT NULL CHECK (length("status") <= 40 AND "status" GLOB '[a-z]*' AND "status" NOT GLOB '*[^a-z0-9_]*'),
    "extensions" INTEGER NOT NULL,
    "ended_at" INTEGER CHECK ("ended_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "slot" TEXT CHECK (length("slot") BETWEEN 1 AND 50),
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, "unit") REFERENCES "crm_unit" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "lead") REFERENCES "crm_lead" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "holder") REFERENCES "crm_membership" (organization_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE "crm_buyer" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "name" TEXT CHECK (length("name") BETWEEN 1 AND 255),
    "passport" TEXT CHECK (length("passport") BETWEEN 1 AND 50),
    "personal_id" TEXT CHECK (length("personal_id") BETWEEN 1 AND 50),
    "issued_by" TEXT CHECK (length("issued_by") BETWEEN 1 AND 255),
    "issued_on" TEXT CHECK ("issued_on" GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND date("issued_on") = "issued_on"),
    "address" TEXT CHECK (length("address") BETWEEN 1 AND 255),
    "phone" TEXT CHECK (length("phone") BETWEEN 1 AND 50),
    "email" TEXT CHECK (length("email") <= 255 AND "email" GLOB '?*@?*.?*'),
    "erased_at" INTEGER CHECK ("erased_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "name_normal" TEXT,
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT;

CREATE TABLE "crm_contract" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "number" TEXT CHECK (length("number") BETWEEN 1 AND 50),
    "dated_on" TEXT NOT NULL CHECK ("dated_on" GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND date("dated_on") = "dated_on"),
    "deal" BLOB CHECK (length("deal") = 16),
    "lead" BLOB CHECK (length("lead") = 16),
    "unit" BLOB CHECK (length("unit") = 16),
    "buyer" BLOB CHECK (length("buyer") = 16),
    "price" TEXT CHECK (length("price") = 58 AND "price" NOT GLOB '*[^0-9]*'),
    "price_scale" INTEGER CHECK ("price_scale" BETWEEN 0 AND 28),
    "discount" TEXT CHECK (length("discount") = 58 AND "discount" NOT GLOB '*[^0-9]*'),
    "discount_scale" INTEGER CHECK ("discount_scale" BETWEEN 0 AND 28),
    "surcharge" TEXT CHECK (length("surcharge") = 58 AND "surcharge" NOT GLOB '*[^0-9]*'),
    "surcharge_scale" INTEGER CHECK ("surcharge_scale" BETWEEN 0 AND 28),
    "adjustment_reason" TEXT CHECK (length("adjustment_reason") BETWEEN 1 AND 255),
    "total" TEXT NOT NULL CHECK (length("total") = 58 AND "total" NOT GLOB '*[^0-9]*'),
    "total_scale" INTEGER NOT NULL CHECK ("total_scale" BETWEEN 0 AND 28),
    "currency" TEXT NOT NULL CHECK ("currency" GLOB '[A-Z][A-Z][A-Z]'),
    "share" TEXT CHECK (length("share") = 58 AND "share" NOT GLOB '*[^0-9]*'),
    "share_scale" INTEGER CHECK ("share_scale" BETWEEN 0 AND 28),
    "down" TEXT CHECK (length("down") = 58 AND "down" NOT GLOB '*[^0-9]*'),
    "down_scale" INTEGER CHECK ("down_scale" BETWEEN 0 AND 28),
    "department" TEXT CHECK (length("department") BETWEEN 1 AND 255),
    "details" TEXT CHECK (json_valid("details")),
    "status" TEXT NOT NULL CHECK (length("status") <= 40 AND "status" GLOB '[a-z]*' AND "status" NOT GLOB '*[^a-z0-9_]*'),
    "author" BLOB CHECK (length("author") = 16),
    "complex" BLOB CHECK (length("complex") = 16),
    "block" TEXT CHECK (length("block") BETWEEN 1 AND 50),
    "floor" INTEGER,
    "unit_number" TEXT CHECK (length("unit_number") BETWEEN 1 AND 20),
    "rooms" INTEGER,
    "area" TEXT CHECK (length("area") = 58 AND "area" NOT GLOB '*[^0-9]*'),
    "area_scale" INTEGER CHECK ("area_scale" BETWEEN 0 AND 28),
    "signed_at" INTEGER CHECK ("signed_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "cancelled_at" INTEGER CHECK ("cancelled_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "cancel_reason" TEXT CHECK (length("cancel_reason") BETWEEN 1 AND 255),
    "identity" TEXT CHECK (length("identity") BETWEEN 1 AND 200),
    "slot" TEXT CHECK (length("slot") BETWEEN 1 AND 50),
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, "deal") REFERENCES "crm_deal" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "lead") REFERENCES "crm_lead" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "unit") REFERENCES "crm_unit" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "buyer") REFERENCES "crm_buyer" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "author") REFERENCES "crm_membership" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "complex") REFERENCES "crm_complex" (organization_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE "crm_payment_plan" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "contract" BLOB CHECK (length("contract") = 16),
    "lead" BLOB CHECK (length("lead") = 16),
    "kind" TEXT NOT NULL CHECK (length("kind") <= 40 AND "kind" GLOB '[a-z]*' AND "kind" NOT GLOB '*[^a-z0-9_]*'),
    "total" TEXT NOT NULL CHECK (length("total") = 58 AND "total" NOT GLOB '*[^0-9]*'),
    "total_scale" INTEGER NOT NULL CHECK ("total_scale" BETWEEN 0 AND 28),
    "currency" TEXT NOT NULL CHECK ("currency" GLOB '[A-Z][A-Z][A-Z]'),
    "starts_on" TEXT NOT NULL CHECK ("starts_on" GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND date("starts_on") = "starts_on"),
    "status" TEXT NOT NULL CHECK (length("status") <= 40 AND "status" GLOB '[a-z]*' AND "status" NOT GLOB '*[^a-z0-9_]*'),
    "edition" INTEGER NOT NULL,
    "replaces" BLOB CHECK (length("replaces") = 16),
    "cancel_reason" TEXT CHECK (length("cancel_reason") BETWEEN 1 AND 255),
    "slot" TEXT CHECK (length("slot") BETWEEN 1 AND 50),
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, "contract") REFERENCES "crm_contract" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "lead") REFERENCES "crm_lead" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "replaces") REFERENCES "crm_payment_plan" (organization_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE "crm_installment" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "plan" BLOB NOT NULL CHECK (length("plan") = 16),
    "number" INTEGER NOT NULL,
    "role" TEXT NOT NULL CHECK (length("role") <= 40 AND "role" GLOB '[a-z]*' AND "role" NOT GLOB '*[^a-z0-9_]*'),
    "amount" TEXT NOT NULL CHECK (length("amount") = 58 AND "amount" NOT GLOB '*[^0-9]*'),
    "amount_scale" INTEGER NOT NULL CHECK ("amount_scale" BETWEEN 0 AND 28),
    "due_on" TEXT NOT NULL CHECK ("due_on" GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND date("due_on") = "due_on"),
    "contract" BLOB CHECK (length("contract") = 16),
    "lead" BLOB CHECK (length("lead") = 16),
    "currency" TEXT NOT NULL CHECK ("currency" GLOB '[A-Z][A-Z][A-Z]'),
    "paid" TEXT NOT NULL CHECK (length("paid") = 58 AND "paid" NOT GLOB '*[^0-9]*'),
    "paid_scale" INTEGER NOT NULL CHECK ("paid_scale" BETWEEN 0 AND 28),
    "outstanding" TEXT CHECK (length("outstanding") = 58 AND "outstanding" NOT GLOB '*[^0-9]*'),
    "outstanding_scale" INTEGER CHECK ("outstanding_scale" BETWEEN 0 AND 28),
    "paid_on" TEXT CHECK ("paid_on" GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND date("paid_on") = "paid_on"),
    "on_time" INTEGER CHECK ("on_time" IN (0, 1)),
    "status" TEXT NOT NULL CHECK (length("status") <= 40 AND "status" GLOB '[a-z]*' AND "status" NOT GLOB '*[^a-z0-9_]*'),
    "identity" TEXT CHECK (length("identity") BETWEEN 1 AND 100),
    "overdue_noted_at" INTEGER CHECK ("overdue_noted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, "plan") REFERENCES "crm_payment_plan" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "contract") REFERENCES "crm_contract" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "lead") REFERENCES "crm_lead" (organization_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE "crm_payment" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "plan" BLOB CHECK (length("plan") = 16),
    "contract" BLOB CHECK (length("contract") = 16),
    "lead" BLOB CHECK (length("lead") = 16),
    "amount" TEXT NOT NULL CHECK (length("amount") = 58 AND "amount" NOT GLOB '*[^0-9]*'),
    "amount_scale" INTEGER NOT NULL CHECK ("amount_scale" BETWEEN 0 AND 28),
    "currency" TEXT NOT NULL CHECK ("currency" GLOB '[A-Z][A-Z][A-Z]'),
    "received_on" TEXT NOT NULL CHECK ("received_on" GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND date("received_on") = "received_on"),
    "method" TEXT CHECK (length("method") <= 40 AND "method" GLOB '[a-z]*' AND "method" NOT GLOB '*[^a-z0-9_]*'),
    "note" TEXT CHECK (length("note") BETWEEN 1 AND 255),
    "entry" TEXT NOT NULL CHECK (length("entry") <= 40 AND "entry" GLOB '[a-z]*' AND "entry" NOT GLOB '*[^a-z0-9_]*'),
    "author" BLOB CHECK (length("author") = 16),
    "reverses" BLOB CHECK (length("reverses") = 16),
    "reversed_by" BLOB CHECK (length("reversed_by") = 16),
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, "plan") REFERENCES "crm_payment_plan" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "contract") REFERENCES "crm_contract" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "lead") REFERENCES "crm_lead" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "author") REFERENCES "crm_membership" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "reverses") REFERENCES "crm_payment" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "reversed_by") REFERENCES "crm_payment" (organization_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE "crm_allocation" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "payment" BLOB NOT NULL CHECK (length("payment") = 16),
    "installment" BLOB NOT NULL CHECK (length("installment") = 16),
    "plan" BLOB NOT NULL CHECK (length("plan") = 16),
    "lead" BLOB CHECK (length("lead") = 16),
    "amount" TEXT NOT NULL CHECK (length("amount") = 58 AND "amount" NOT GLOB '*[^0-9]*'),
    "amount_scale" INTEGER NOT NULL CHECK ("amount_scale" BETWEEN 0 AND 28),
    "currency" TEXT NOT NULL CHECK ("currency" GLOB '[A-Z][A-Z][A-Z]'),
    "received_on" TEXT NOT NULL CHECK ("received_on" GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND date("received_on") = "received_on"),
    "reversed" INTEGER NOT NULL CHECK ("reversed" IN (0, 1)),
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, "payment") REFERENCES "crm_payment" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "installment") REFERENCES "crm_installment" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "plan") REFERENCES "crm_payment_plan" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "lead") REFERENCES "crm_lead" (organization_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE "crm_expense" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "title" TEXT NOT NULL CHECK (length("title") BETWEEN 1 AND 255),
    "description" TEXT CHECK (length("description") BETWEEN 1 AND 100000),
    "amount" TEXT NOT NULL CHECK (length("amount") = 58 AND "amount" NOT GLOB '*[^0-9]*'),
    "amount_scale" INTEGER NOT NULL CHECK ("amount_scale" BETWEEN 0 AND 28),
    "currency" TEXT NOT NULL CHECK ("currency" GLOB '[A-Z][A-Z][A-Z]'),
    "category" TEXT NOT NULL CHECK (length("category") <= 40 AND "category" GLOB '[a-z]*' AND "category" NOT GLOB '*[^a-z0-9_]*'),
    "status" TEXT NOT NULL CHECK (length("status") <= 40 AND "status" GLOB '[a-z]*' AND "status" NOT GLOB '*[^a-z0-9_]*'),
    "spent_on" TEXT CHECK ("spent_on" GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND date("spent_on") = "spent_on"),
    "receipts" TEXT CHECK (json_valid("receipts")),
    "author" BLOB CHECK (length("author") = 16),
    "paid_at" INTEGER CHECK ("paid_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "title_normal" TEXT NOT NULL,
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, "author") REFERENCES "crm_membership" (organization_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE "crm_counter" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "scope" TEXT NOT NULL CHECK (length("scope") BETWEEN 1 AND 100),
    "last" INTEGER NOT NULL,
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT;

CREATE TABLE "crm_attendance" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "member" BLOB NOT NULL CHECK (length("member") = 16),
    "day" TEXT NOT NULL CHECK ("day" GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' AND date("day") = "day"),
    "check_in" INTEGER CHECK ("check_in" BETWEEN -62135596800000000 AND 253402300799999999),
    "check_out" INTEGER CHECK ("check_out" BETWEEN -62135596800000000 AND 253402300799999999),
    "status" TEXT NOT NULL CHECK (length("status") <= 40 AND "status" GLOB '[a-z]*' AND "status" NOT GLOB '*[^a-z0-9_]*'),
    "note" TEXT CHECK (length("note") BETWEEN 1 AND 255),
    "identity" TEXT CHECK (length("identity") BETWEEN 1 AND 100),
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, "member") REFERENCES "crm_membership" (organization_id, id) DEFERRABLE INITIALLY DEFERRED
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
    "lead" BLOB CHECK (length("lead") = 16),
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
    FOREIGN KEY (organization_id, "lead") REFERENCES "crm_lead" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
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
    "lead" BLOB CHECK (length("lead") = 16),
    "title" TEXT CHECK (length("title") BETWEEN 1 AND 255),
    "body" TEXT CHECK (length("body") BETWEEN 1 AND 100000),
    "occurred_at" INTEGER NOT NULL CHECK ("occurred_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "payload" TEXT NOT NULL CHECK (json_valid("payload")),
    "author" BLOB CHECK (length("author") = 16),
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, "deal") REFERENCES "crm_deal" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "contact") REFERENCES "crm_contact" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "lead") REFERENCES "crm_lead" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "author") REFERENCES "crm_membership" (organization_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE "crm_reference" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "system" TEXT NOT NULL CHECK (length("system") <= 40 AND "system" GLOB '[a-z]*' AND "system" NOT GLOB '*[^a-z0-9_]*'),
    "kind" TEXT NOT NULL CHECK (length("kind") <= 40 AND "kind" GLOB '[a-z]*' AND "kind" NOT GLOB '*[^a-z0-9_]*'),
    "external_id" TEXT NOT NULL CHECK (length("external_id") BETWEEN 1 AND 200),
    "lead" BLOB CHECK (length("lead") = 16),
    "contact" BLOB CHECK (length("contact") = 16),
    "deal" BLOB CHECK (length("deal") = 16),
    "member" BLOB CHECK (length("member") = 16),
    "identity" TEXT CHECK (length("identity") BETWEEN 1 AND 300),
    "remote_version" INTEGER,
    "remote_at" INTEGER CHECK ("remote_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "gone" INTEGER NOT NULL CHECK ("gone" IN (0, 1)),
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, "lead") REFERENCES "crm_lead" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "contact") REFERENCES "crm_contact" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "deal") REFERENCES "crm_deal" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "member") REFERENCES "crm_membership" (organization_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE "crm_incoming" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "system" TEXT NOT NULL CHECK (length("system") <= 40 AND "system" GLOB '[a-z]*' AND "system" NOT GLOB '*[^a-z0-9_]*'),
    "kind" TEXT NOT NULL CHECK (length("kind") <= 40 AND "kind" GLOB '[a-z]*' AND "kind" NOT GLOB '*[^a-z0-9_]*'),
    "action" TEXT NOT NULL CHECK (length("action") <= 40 AND "action" GLOB '[a-z]*' AND "action" NOT GLOB '*[^a-z0-9_]*'),
    "external_id" TEXT NOT NULL CHECK (length("external_id") BETWEEN 1 AND 200),
    "event_id" TEXT CHECK (length("event_id") BETWEEN 1 AND 200),
    "remote_version" INTEGER,
    "remote_at" INTEGER CHECK ("remote_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "content" TEXT NOT NULL CHECK (json_valid("content")),
    "identity" TEXT CHECK (length("identity") BETWEEN 1 AND 300),
    "status" TEXT NOT NULL CHECK (length("status") <= 40 AND "status" GLOB '[a-z]*' AND "status" NOT GLOB '*[^a-z0-9_]*'),
    "reason" TEXT CHECK (length("reason") BETWEEN 1 AND 255),
    "waits_for" TEXT CHECK (length("waits_for") BETWEEN 1 AND 300),
    "lead" BLOB CHECK (length("lead") = 16),
    "attempts" INTEGER NOT NULL,
    "settled_at" INTEGER CHECK ("settled_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, "lead") REFERENCES "crm_lead" (organization_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE "crm_target" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "name" TEXT NOT NULL CHECK (length("name") BETWEEN 1 AND 100),
    "breaker" TEXT NOT NULL CHECK (length("breaker") <= 40 AND "breaker" GLOB '[a-z]*' AND "breaker" NOT GLOB '*[^a-z0-9_]*'),
    "failures" INTEGER NOT NULL,
    "turn" INTEGER NOT NULL,
    "open_until" INTEGER CHECK ("open_until" BETWEEN -62135596800000000 AND 253402300799999999),
    "probe_until" INTEGER CHECK ("probe_until" BETWEEN -62135596800000000 AND 253402300799999999),
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT;

CREATE TABLE "crm_delivery" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "target" TEXT NOT NULL CHECK (length("target") <= 40 AND "target" GLOB '[a-z]*' AND "target" NOT GLOB '*[^a-z0-9_]*'),
    "event" TEXT NOT NULL CHECK (length("event") BETWEEN 1 AND 100),
    "lane" TEXT NOT NULL CHECK (length("lane") BETWEEN 1 AND 100),
    "content" TEXT NOT NULL CHECK (json_valid("content")),
    "lead" BLOB CHECK (length("lead") = 16),
    "number" INTEGER NOT NULL,
    "status" TEXT NOT NULL CHECK (length("status") <= 40 AND "status" GLOB '[a-z]*' AND "status" NOT GLOB '*[^a-z0-9_]*'),
    "attempts" INTEGER NOT NULL,
    "next_at" INTEGER NOT NULL CHECK ("next_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "lease_until" INTEGER CHECK ("lease_until" BETWEEN -62135596800000000 AND 253402300799999999),
    "lease" INTEGER NOT NULL,
    "turn" INTEGER NOT NULL,
    "last_error" TEXT CHECK (length("last_error") BETWEEN 1 AND 255),
    "external_id" TEXT CHECK (length("external_id") BETWEEN 1 AND 200),
    "settled_at" INTEGER CHECK ("settled_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, "lead") REFERENCES "crm_lead" (organization_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE "crm_notification" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "id" BLOB NOT NULL CHECK (length("id") = 16),
    "version" INTEGER NOT NULL CHECK ("version" >= 1),
    "created_at" INTEGER NOT NULL CHECK ("created_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "updated_at" INTEGER NOT NULL CHECK ("updated_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_at" INTEGER CHECK ("deleted_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "deleted_by" BLOB CHECK (length("deleted_by") = 16),
    "channel" TEXT NOT NULL CHECK (length("channel") <= 40 AND "channel" GLOB '[a-z]*' AND "channel" NOT GLOB '*[^a-z0-9_]*'),
    "user" BLOB CHECK (length("user") = 16),
    "recipient" TEXT CHECK (length("recipient") BETWEEN 1 AND 255),
    "template" TEXT CHECK (length("template") <= 40 AND "template" GLOB '[a-z]*' AND "template" NOT GLOB '*[^a-z0-9_]*'),
    "variables" TEXT CHECK (json_valid("variables")),
    "subject" TEXT CHECK (length("subject") BETWEEN 1 AND 255),
    "message" TEXT CHECK (length("message") BETWEEN 1 AND 100000),
    "priority" TEXT NOT NULL CHECK (length("priority") <= 40 AND "priority" GLOB '[a-z]*' AND "priority" NOT GLOB '*[^a-z0-9_]*'),
    "scheduled_at" INTEGER NOT NULL CHECK ("scheduled_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "lead" BLOB CHECK (length("lead") = 16),
    "deal" BLOB CHECK (length("deal") = 16),
    "origin" TEXT NOT NULL CHECK (length("origin") <= 40 AND "origin" GLOB '[a-z]*' AND "origin" NOT GLOB '*[^a-z0-9_]*'),
    "status" TEXT NOT NULL CHECK (length("status") <= 40 AND "status" GLOB '[a-z]*' AND "status" NOT GLOB '*[^a-z0-9_]*'),
    "attempts" INTEGER NOT NULL,
    "next_at" INTEGER NOT NULL CHECK ("next_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "lease_until" INTEGER CHECK ("lease_until" BETWEEN -62135596800000000 AND 253402300799999999),
    "lease" INTEGER NOT NULL,
    "last_error" TEXT CHECK (length("last_error") BETWEEN 1 AND 255),
    "sent_at" INTEGER CHECK ("sent_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "delivered_at" INTEGER CHECK ("delivered_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "read_at" INTEGER CHECK ("read_at" BETWEEN -62135596800000000 AND 253402300799999999),
    "search_text" TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, "user") REFERENCES "crm_membership" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "lead") REFERENCES "crm_lead" (organization_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, "deal") REFERENCES "crm_deal" (organization_id, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX "crm_organization_by_created_at" ON "crm_organization" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_organization_by_updated_at" ON "crm_organization" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_organization_of_default_pipeline" ON "crm_organization" (organization_id, "default_pipeline", id);
CREATE INDEX "crm_organization_deleted_by" ON "crm_organization" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_membership_by_created_at" ON "crm_membership" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_membership_by_updated_at" ON "crm_membership" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_membership_of_role" ON "crm_membership" (organization_id, "role", id);
CREATE INDEX "crm_membership_deleted_by" ON "crm_membership" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_pipeline_by_created_at" ON "crm_pipeline" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_pipeline_by_updated_at" ON "crm_pipeline" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_pipeline_by_name" ON "crm_pipeline" (organization_id, "name_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_pipeline_deleted_by" ON "crm_pipeline" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_campaign_by_created_at" ON "crm_campaign" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_campaign_by_updated_at" ON "crm_campaign" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_campaign_by_name" ON "crm_campaign" (organization_id, "name_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_campaign_of_platform" ON "crm_campaign" (organization_id, "platform", id);
CREATE INDEX "crm_campaign_of_status" ON "crm_campaign" (organization_id, "status", id);
CREATE INDEX "crm_campaign_by_starts_on" ON "crm_campaign" (organization_id, "starts_on", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_campaign_of_owner" ON "crm_campaign" (organization_id, "owner", id);
CREATE INDEX "crm_campaign_deleted_by" ON "crm_campaign" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_cost_by_created_at" ON "crm_cost" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_cost_by_updated_at" ON "crm_cost" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_cost_of_campaign" ON "crm_cost" (organization_id, "campaign", id);
CREATE INDEX "crm_cost_of_source" ON "crm_cost" (organization_id, "source", id);
CREATE INDEX "crm_cost_by_spent_on" ON "crm_cost" (organization_id, "spent_on", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_cost_by_amount" ON "crm_cost" (organization_id, "amount", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_cost_of_author" ON "crm_cost" (organization_id, "author", id);
CREATE INDEX "crm_cost_deleted_by" ON "crm_cost" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_complex_by_created_at" ON "crm_complex" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_complex_by_updated_at" ON "crm_complex" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_complex_by_name" ON "crm_complex" (organization_id, "name_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_complex_deleted_by" ON "crm_complex" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_unit_by_created_at" ON "crm_unit" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_unit_by_updated_at" ON "crm_unit" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_unit_of_complex" ON "crm_unit" (organization_id, "complex", id);
CREATE INDEX "crm_unit_of_category" ON "crm_unit" (organization_id, "category", id);
CREATE INDEX "crm_unit_deleted_by" ON "crm_unit" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_price_by_created_at" ON "crm_price" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_price_by_updated_at" ON "crm_price" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_price_of_complex" ON "crm_price" (organization_id, "complex", id);
CREATE INDEX "crm_price_deleted_by" ON "crm_price" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_contact_by_created_at" ON "crm_contact" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_contact_by_updated_at" ON "crm_contact" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_contact_of_kind" ON "crm_contact" (organization_id, "kind", id);
CREATE INDEX "crm_contact_by_name" ON "crm_contact" (organization_id, "name_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_contact_of_employer" ON "crm_contact" (organization_id, "employer", id);
CREATE INDEX "crm_contact_of_owner" ON "crm_contact" (organization_id, "owner", id);
CREATE INDEX "crm_contact_deleted_by" ON "crm_contact" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_lead_by_created_at" ON "crm_lead" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_lead_by_updated_at" ON "crm_lead" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_lead_by_name" ON "crm_lead" (organization_id, "name_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_lead_of_rating" ON "crm_lead" (organization_id, "rating", id);
CREATE INDEX "crm_lead_of_stage" ON "crm_lead" (organization_id, "stage", id);
CREATE INDEX "crm_lead_of_source" ON "crm_lead" (organization_id, "source", id);
CREATE INDEX "crm_lead_of_campaign" ON "crm_lead" (organization_id, "campaign", id);
CREATE INDEX "crm_lead_of_utm_source" ON "crm_lead" (organization_id, "utm_source", id);
CREATE INDEX "crm_lead_of_unit" ON "crm_lead" (organization_id, "unit", id);
CREATE INDEX "crm_lead_of_contact" ON "crm_lead" (organization_id, "contact", id);
CREATE INDEX "crm_lead_of_owner" ON "crm_lead" (organization_id, "owner", id);
CREATE INDEX "crm_lead_by_next_contact_at" ON "crm_lead" (organization_id, "next_contact_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_lead_of_phone_key" ON "crm_lead" (organization_id, "phone_key", id);
CREATE INDEX "crm_lead_of_email_key" ON "crm_lead" (organization_id, "email_key", id);
CREATE INDEX "crm_lead_of_duplicate_of" ON "crm_lead" (organization_id, "duplicate_of", id);
CREATE INDEX "crm_lead_by_closed_at" ON "crm_lead" (organization_id, "closed_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_lead_by_assigned_at" ON "crm_lead" (organization_id, "assigned_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_lead_of_assigned_on" ON "crm_lead" (organization_id, "assigned_on", id);
CREATE INDEX "crm_lead_by_converted_at" ON "crm_lead" (organization_id, "converted_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_lead_by_touched_at" ON "crm_lead" (organization_id, "touched_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_lead_deleted_by" ON "crm_lead" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_deal_by_created_at" ON "crm_deal" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_deal_by_updated_at" ON "crm_deal" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_deal_by_title" ON "crm_deal" (organization_id, "title_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_deal_of_contact" ON "crm_deal" (organization_id, "contact", id);
CREATE INDEX "crm_deal_of_lead" ON "crm_deal" (organization_id, "lead", id);
CREATE INDEX "crm_deal_of_owner" ON "crm_deal" (organization_id, "owner", id);
CREATE INDEX "crm_deal_of_assignee" ON "crm_deal" (organization_id, "assignee", id);
CREATE INDEX "crm_deal_by_amount" ON "crm_deal" (organization_id, "amount", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_deal_of_status" ON "crm_deal" (organization_id, "status", id);
CREATE INDEX "crm_deal_of_pipeline" ON "crm_deal" (organization_id, "pipeline", id);
CREATE INDEX "crm_deal_of_stage" ON "crm_deal" (organization_id, "stage", id);
CREATE INDEX "crm_deal_by_expected_close_date" ON "crm_deal" (organization_id, "expected_close_date", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_deal_by_expected_close_at" ON "crm_deal" (organization_id, "expected_close_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_deal_of_outcome" ON "crm_deal" (organization_id, "outcome", id);
CREATE INDEX "crm_deal_by_closed_at" ON "crm_deal" (organization_id, "closed_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_deal_deleted_by" ON "crm_deal" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_hold_by_created_at" ON "crm_hold" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_hold_by_updated_at" ON "crm_hold" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_hold_of_unit" ON "crm_hold" (organization_id, "unit", id);
CREATE INDEX "crm_hold_of_lead" ON "crm_hold" (organization_id, "lead", id);
CREATE INDEX "crm_hold_by_until" ON "crm_hold" (organization_id, "until", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_hold_of_holder" ON "crm_hold" (organization_id, "holder", id);
CREATE INDEX "crm_hold_of_status" ON "crm_hold" (organization_id, "status", id);
CREATE INDEX "crm_hold_deleted_by" ON "crm_hold" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_buyer_by_created_at" ON "crm_buyer" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_buyer_by_updated_at" ON "crm_buyer" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_buyer_by_name" ON "crm_buyer" (organization_id, "name_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_buyer_deleted_by" ON "crm_buyer" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_contract_by_created_at" ON "crm_contract" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_contract_by_updated_at" ON "crm_contract" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_contract_by_dated_on" ON "crm_contract" (organization_id, "dated_on", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_contract_of_deal" ON "crm_contract" (organization_id, "deal", id);
CREATE INDEX "crm_contract_of_lead" ON "crm_contract" (organization_id, "lead", id);
CREATE INDEX "crm_contract_of_unit" ON "crm_contract" (organization_id, "unit", id);
CREATE INDEX "crm_contract_of_buyer" ON "crm_contract" (organization_id, "buyer", id);
CREATE INDEX "crm_contract_by_total" ON "crm_contract" (organization_id, "total", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_contract_of_status" ON "crm_contract" (organization_id, "status", id);
CREATE INDEX "crm_contract_of_author" ON "crm_contract" (organization_id, "author", id);
CREATE INDEX "crm_contract_of_complex" ON "crm_contract" (organization_id, "complex", id);
CREATE INDEX "crm_contract_by_signed_at" ON "crm_contract" (organization_id, "signed_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_contract_by_cancelled_at" ON "crm_contract" (organization_id, "cancelled_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_contract_deleted_by" ON "crm_contract" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_payment_plan_by_created_at" ON "crm_payment_plan" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_payment_plan_by_updated_at" ON "crm_payment_plan" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_payment_plan_of_contract" ON "crm_payment_plan" (organization_id, "contract", id);
CREATE INDEX "crm_payment_plan_of_lead" ON "crm_payment_plan" (organization_id, "lead", id);
CREATE INDEX "crm_payment_plan_of_kind" ON "crm_payment_plan" (organization_id, "kind", id);
CREATE INDEX "crm_payment_plan_by_total" ON "crm_payment_plan" (organization_id, "total", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_payment_plan_by_starts_on" ON "crm_payment_plan" (organization_id, "starts_on", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_payment_plan_of_status" ON "crm_payment_plan" (organization_id, "status", id);
CREATE INDEX "crm_payment_plan_of_replaces" ON "crm_payment_plan" (organization_id, "replaces", id);
CREATE INDEX "crm_payment_plan_deleted_by" ON "crm_payment_plan" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_installment_by_created_at" ON "crm_installment" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_installment_by_updated_at" ON "crm_installment" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_installment_of_plan" ON "crm_installment" (organization_id, "plan", id);
CREATE INDEX "crm_installment_by_number" ON "crm_installment" (organization_id, "number", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_installment_by_amount" ON "crm_installment" (organization_id, "amount", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_installment_by_due_on" ON "crm_installment" (organization_id, "due_on", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_installment_of_contract" ON "crm_installment" (organization_id, "contract", id);
CREATE INDEX "crm_installment_of_lead" ON "crm_installment" (organization_id, "lead", id);
CREATE INDEX "crm_installment_by_outstanding" ON "crm_installment" (organization_id, "outstanding", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_installment_by_paid_on" ON "crm_installment" (organization_id, "paid_on", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_installment_of_status" ON "crm_installment" (organization_id, "status", id);
CREATE INDEX "crm_installment_deleted_by" ON "crm_installment" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_payment_by_created_at" ON "crm_payment" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_payment_by_updated_at" ON "crm_payment" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_payment_of_plan" ON "crm_payment" (organization_id, "plan", id);
CREATE INDEX "crm_payment_of_contract" ON "crm_payment" (organization_id, "contract", id);
CREATE INDEX "crm_payment_of_lead" ON "crm_payment" (organization_id, "lead", id);
CREATE INDEX "crm_payment_by_amount" ON "crm_payment" (organization_id, "amount", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_payment_by_received_on" ON "crm_payment" (organization_id, "received_on", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_payment_of_method" ON "crm_payment" (organization_id, "method", id);
CREATE INDEX "crm_payment_of_entry" ON "crm_payment" (organization_id, "entry", id);
CREATE INDEX "crm_payment_of_author" ON "crm_payment" (organization_id, "author", id);
CREATE INDEX "crm_payment_of_reverses" ON "crm_payment" (organization_id, "reverses", id);
CREATE INDEX "crm_payment_of_reversed_by" ON "crm_payment" (organization_id, "reversed_by", id);
CREATE INDEX "crm_payment_deleted_by" ON "crm_payment" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_allocation_by_created_at" ON "crm_allocation" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_allocation_by_updated_at" ON "crm_allocation" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_allocation_of_payment" ON "crm_allocation" (organization_id, "payment", id);
CREATE INDEX "crm_allocation_of_installment" ON "crm_allocation" (organization_id, "installment", id);
CREATE INDEX "crm_allocation_of_plan" ON "crm_allocation" (organization_id, "plan", id);
CREATE INDEX "crm_allocation_of_lead" ON "crm_allocation" (organization_id, "lead", id);
CREATE INDEX "crm_allocation_deleted_by" ON "crm_allocation" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_expense_by_created_at" ON "crm_expense" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_expense_by_updated_at" ON "crm_expense" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_expense_by_title" ON "crm_expense" (organization_id, "title_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_expense_by_amount" ON "crm_expense" (organization_id, "amount", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_expense_of_category" ON "crm_expense" (organization_id, "category", id);
CREATE INDEX "crm_expense_of_status" ON "crm_expense" (organization_id, "status", id);
CREATE INDEX "crm_expense_by_spent_on" ON "crm_expense" (organization_id, "spent_on", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_expense_of_author" ON "crm_expense" (organization_id, "author", id);
CREATE INDEX "crm_expense_by_paid_at" ON "crm_expense" (organization_id, "paid_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_expense_deleted_by" ON "crm_expense" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_counter_by_created_at" ON "crm_counter" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_counter_by_updated_at" ON "crm_counter" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_counter_deleted_by" ON "crm_counter" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_attendance_by_created_at" ON "crm_attendance" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_attendance_by_updated_at" ON "crm_attendance" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_attendance_of_member" ON "crm_attendance" (organization_id, "member", id);
CREATE INDEX "crm_attendance_by_day" ON "crm_attendance" (organization_id, "day", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_attendance_of_status" ON "crm_attendance" (organization_id, "status", id);
CREATE INDEX "crm_attendance_deleted_by" ON "crm_attendance" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_task_by_created_at" ON "crm_task" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_task_by_updated_at" ON "crm_task" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_task_by_title" ON "crm_task" (organization_id, "title_normal", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_task_of_deal" ON "crm_task" (organization_id, "deal", id);
CREATE INDEX "crm_task_of_contact" ON "crm_task" (organization_id, "contact", id);
CREATE INDEX "crm_task_of_lead" ON "crm_task" (organization_id, "lead", id);
CREATE INDEX "crm_task_of_assignee" ON "crm_task" (organization_id, "assignee", id);
CREATE INDEX "crm_task_of_status" ON "crm_task" (organization_id, "status", id);
CREATE INDEX "crm_task_of_priority" ON "crm_task" (organization_id, "priority", id);
CREATE INDEX "crm_task_by_due_date" ON "crm_task" (organization_id, "due_date", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_task_by_due_at" ON "crm_task" (organization_id, "due_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_task_by_completed_at" ON "crm_task" (organization_id, "completed_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_task_deleted_by" ON "crm_task" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_activity_by_created_at" ON "crm_activity" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_activity_by_updated_at" ON "crm_activity" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_activity_of_kind" ON "crm_activity" (organization_id, "kind", id);
CREATE INDEX "crm_activity_of_deal" ON "crm_activity" (organization_id, "deal", id);
CREATE INDEX "crm_activity_of_contact" ON "crm_activity" (organization_id, "contact", id);
CREATE INDEX "crm_activity_of_lead" ON "crm_activity" (organization_id, "lead", id);
CREATE INDEX "crm_activity_by_occurred_at" ON "crm_activity" (organization_id, "occurred_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_activity_of_author" ON "crm_activity" (organization_id, "author", id);
CREATE INDEX "crm_activity_deleted_by" ON "crm_activity" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_reference_by_created_at" ON "crm_reference" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_reference_by_updated_at" ON "crm_reference" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_reference_of_system" ON "crm_reference" (organization_id, "system", id);
CREATE INDEX "crm_reference_of_lead" ON "crm_reference" (organization_id, "lead", id);
CREATE INDEX "crm_reference_of_contact" ON "crm_reference" (organization_id, "contact", id);
CREATE INDEX "crm_reference_of_deal" ON "crm_reference" (organization_id, "deal", id);
CREATE INDEX "crm_reference_of_member" ON "crm_reference" (organization_id, "member", id);
CREATE INDEX "crm_reference_of_identity" ON "crm_reference" (organization_id, "identity", id);
CREATE INDEX "crm_reference_deleted_by" ON "crm_reference" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_incoming_by_created_at" ON "crm_incoming" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_incoming_by_updated_at" ON "crm_incoming" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_incoming_of_system" ON "crm_incoming" (organization_id, "system", id);
CREATE INDEX "crm_incoming_of_external_id" ON "crm_incoming" (organization_id, "external_id", id);
CREATE INDEX "crm_incoming_of_status" ON "crm_incoming" (organization_id, "status", id);
CREATE INDEX "crm_incoming_of_waits_for" ON "crm_incoming" (organization_id, "waits_for", id);
CREATE INDEX "crm_incoming_of_lead" ON "crm_incoming" (organization_id, "lead", id);
CREATE INDEX "crm_incoming_by_settled_at" ON "crm_incoming" (organization_id, "settled_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_incoming_deleted_by" ON "crm_incoming" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_target_by_created_at" ON "crm_target" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_target_by_updated_at" ON "crm_target" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_target_of_name" ON "crm_target" (organization_id, "name", id);
CREATE INDEX "crm_target_deleted_by" ON "crm_target" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_delivery_by_created_at" ON "crm_delivery" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_delivery_by_updated_at" ON "crm_delivery" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_delivery_of_target" ON "crm_delivery" (organization_id, "target", id);
CREATE INDEX "crm_delivery_of_lane" ON "crm_delivery" (organization_id, "lane", id);
CREATE INDEX "crm_delivery_of_lead" ON "crm_delivery" (organization_id, "lead", id);
CREATE INDEX "crm_delivery_of_status" ON "crm_delivery" (organization_id, "status", id);
CREATE INDEX "crm_delivery_by_next_at" ON "crm_delivery" (organization_id, "next_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_delivery_by_settled_at" ON "crm_delivery" (organization_id, "settled_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_delivery_deleted_by" ON "crm_delivery" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

CREATE INDEX "crm_notification_by_created_at" ON "crm_notification" (organization_id, "created_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_notification_by_updated_at" ON "crm_notification" (organization_id, "updated_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_notification_of_channel" ON "crm_notification" (organization_id, "channel", id);
CREATE INDEX "crm_notification_of_user" ON "crm_notification" (organization_id, "user", id);
CREATE INDEX "crm_notification_of_priority" ON "crm_notification" (organization_id, "priority", id);
CREATE INDEX "crm_notification_by_scheduled_at" ON "crm_notification" (organization_id, "scheduled_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_notification_of_lead" ON "crm_notification" (organization_id, "lead", id);
CREATE INDEX "crm_notification_of_deal" ON "crm_notification" (organization_id, "deal", id);
CREATE INDEX "crm_notification_of_status" ON "crm_notification" (organization_id, "status", id);
CREATE INDEX "crm_notification_by_next_at" ON "crm_notification" (organization_id, "next_at", id) WHERE deleted_at IS NULL;
CREATE INDEX "crm_notification_deleted_by" ON "crm_notification" (organization_id, deleted_by, id) WHERE deleted_by IS NOT NULL;

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

