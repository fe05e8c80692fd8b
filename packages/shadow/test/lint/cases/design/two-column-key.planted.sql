-- Rule: fk-without-index
-- before
CREATE TABLE tenants (a bigint, b bigint, PRIMARY KEY (a, b));
-- @up
CREATE TABLE users (id bigint PRIMARY KEY, a bigint, b bigint, FOREIGN KEY (a, b) REFERENCES tenants); CREATE INDEX users_a_id_idx ON users (a, id, b);
