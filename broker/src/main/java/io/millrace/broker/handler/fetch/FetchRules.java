package io.millrace.broker.handler.fetch;

import io.millrace.broker.loop.ReplicaThrottle;

/**
 * What fetches go by.
 *
 * @param racks where consumers are sent
 * @param throttle of what followers fetch
 */
public record FetchRules(FetchLimits limits, Racks racks, ReplicaThrottle throttle) {}
