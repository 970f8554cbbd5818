-- An in-memory database: 150,000 rows of text, an index, a join, aggregates, and a third of it deleted and inserted again.
PRAGMA journal_mode = MEMORY;
CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT, city TEXT, note TEXT);
INSERT INTO person
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150000)
  SELECT i, 'name-' || (i * 7919 % 150000), 'city-' || (i % 997), hex(randomblob(20 + i % 60)) FROM n;
CREATE INDEX person_city ON person(city, name);
CREATE TABLE visit AS
  SELECT a.id AS visitor, b.id AS host, length(a.note) + length(b.note) AS weight
  FROM person a JOIN person b ON b.id = (a.id * 31 % 150000) + 1;
SELECT count(*), sum(weight) FROM visit;
SELECT city, count(*), group_concat(substr(name, 1, 8)) FROM person GROUP BY city ORDER BY 2 DESC, 1 LIMIT 3;
DELETE FROM person WHERE id % 3 = 0;
INSERT INTO person SELECT visitor, 'again-' || host, 'city-' || (weight % 97), upper(printf('%080d', host)) FROM visit WHERE visitor % 3 = 0;
SELECT count(DISTINCT city), max(length(note)) FROM person;
SELECT a.city, count(*) FROM person a JOIN visit v ON v.host = a.id GROUP BY a.city HAVING count(*) > 10 ORDER BY 2 DESC, 1 LIMIT 3;
