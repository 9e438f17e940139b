-- How far each consumer of the outbox has come in an organisation, and whose turn it is. Commits never touch these rows.
CREATE TABLE "crm_consumer" (
    organization_id BLOB NOT NULL CHECK (length(organization_id) = 16),
    "name" TEXT NOT NULL CHECK (length("name") <= 40 AND "name" GLOB '[a-z]*' AND "name" NOT GLOB '*[^a-z0-9_]*'),
    "position" INTEGER NOT NULL CHECK ("position" >= 0),
    "lease" INTEGER NOT NULL CHECK ("lease" >= 1),
    "leased_until" INTEGER,
    PRIMARY KEY (organization_id, name)
) STRICT;
