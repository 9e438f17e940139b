\set i random(1,10000)
\set j :client_id + 2
with l as materialized (select (select id from m where id=:j and v=1 for share) is not null ok) update w set v=v+1 where id=:i and (select ok from l);
