-- Rule: concurrent-not-resumable
-- Transaction: none
-- before
CREATE TABLE a (id bigint PRIMARY KEY, n int, m int);
-- @up
CREATE INDEX CONCURRENTLY a_n_idx ON a (n);
CREATE INDEX CONCURRENTLY a_m_idx ON a (m);
