-- Prints the counts of a few queries, a sum, and what integrity_check says.
PRAGMA journal_mode = WAL;
CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, city TEXT, age INT);
CREATE INDEX person_name ON person (name);
CREATE INDEX person_city_age ON person (city, age);
CREATE TABLE visit (person INT REFERENCES person, at INT, note TEXT);
CREATE TRIGGER left_city AFTER UPDATE OF city ON person BEGIN INSERT INTO visit VALUES (new.id, old.age, 'from ' || old.city || ' to ' || new.city); END;
BEGIN;
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
INSERT INTO person SELECT i, 'name ' || (i * 7919 % 60013), 'city ' || (i % 97), i % 90 FROM n;
COMMIT;
UPDATE person SET city = 'city ' || (id % 13) WHERE id % 5 = 0;
DELETE FROM person WHERE id % 11 = 3;
CREATE VIRTUAL TABLE text USING fts5(body);
INSERT INTO text SELECT name || ' of ' || city || ' ' || hex(randomblob(0)) || age FROM person WHERE id % 4 = 0;
SELECT count(*) FROM text WHERE text MATCH 'city NEAR 12';
SELECT count(*), sum(age), max(name) FROM person WHERE name BETWEEN 'name 2' AND 'name 4';
SELECT city, count(*), group_concat(DISTINCT age) FROM person GROUP BY city ORDER BY 2 DESC, 1 LIMIT 3;
SELECT count(*), sum(length(note)) FROM visit JOIN person ON person.id = visit.person;
SELECT sum(rank * id) FROM (SELECT id, row_number() OVER (PARTITION BY city ORDER BY age, id) AS rank FROM person);
SELECT json_group_array(json_object('n', name, 'a', age)) ->> '$[7].n' FROM person WHERE id < 100;
VACUUM;
PRAGMA integrity_check;
