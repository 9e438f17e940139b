-- The ids of a set as they are now, also for a statement that began before: a function that is volatile looks at the
-- newest state that was committed, and a commit calls it after it holds its locks.
CREATE FUNCTION "{schema}"."members"(query text, organization uuid, wanted text[]) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    found uuid[];
BEGIN
    EXECUTE query INTO found USING organization, wanted;
    RETURN found;
END
$$;
