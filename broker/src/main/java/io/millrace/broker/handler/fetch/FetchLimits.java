package io.millrace.broker.handler.fetch;

/**
 * Bounds of fetches.
 *
 * @param maxBytes largest answer, whatever a client asks ({@code fetch.max.bytes})
 * @param sessionSlots incremental sessions kept ({@code max.incremental.fetch.session.cache.slots})
 * @param sessionEvictionMs a session unused for so long may be dropped for another
 */
public record FetchLimits(int maxBytes, int sessionSlots, long sessionEvictionMs) {}
