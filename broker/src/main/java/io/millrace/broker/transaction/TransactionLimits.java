package io.millrace.broker.transaction;

/**
 * The broker's settings for transactions; milliseconds.
 *
 * @param maxTimeoutMs {@code transaction.max.timeout.ms}
 * @param expirationMs {@code transactional.id.expiration.ms}
 */
public record TransactionLimits(int maxTimeoutMs, long expirationMs) {}
