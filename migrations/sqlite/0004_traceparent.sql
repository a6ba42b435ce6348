-- Traces that go on across restarts: what a webhook said of the trace it belongs to.

-- The W3C `traceparent` of the webhook that made the delivery; null when none came, or tracing is off.
ALTER TABLE deliveries ADD COLUMN traceparent TEXT CHECK (length(traceparent) = 55);
