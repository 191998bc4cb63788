package io.millrace.bench.torture;

import io.millrace.bench.torture.plan.Strike;

/**
 * A fault that came. Times in milliseconds since the run began.
 *
 * @param beganMs when it began
 * @param passedMs when it had passed, or its node served again
 * @param note what is to be said of it
 */
record Struck(Strike strike, long beganMs, long passedMs, String note) {}
