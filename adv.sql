\set i random(1,10000)
with l as materialized (select pg_advisory_xact_lock_shared(1,1), (select id from m where id=1 and v=1) is not null ok) update w set v=v+1 where id=:i and (select ok from l);
