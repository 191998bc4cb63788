package io.millrace.storage.batch;

import java.util.List;

/** What validation makes of a producer's batch. */
public sealed interface Verdict {
    /**
     * It may be appended.
     *
     * @param maxTimestampMs the largest timestamp of its records
     */
    record Valid(long maxTimestampMs) implements Verdict {}

    /** It may not, and retrying the same bytes cannot help. */
    record Invalid(Reason reason, String message, List<RecordError> records) implements Verdict {
        Invalid(Reason reason, String message) {
            this(reason, message, List.of());
        }
    }

    /** Which record of a batch is at fault, and why. */
    record RecordError(int index, String message) {}

    /** Kinds of refusal, after Kafka's error codes. */
    enum Reason {
        CORRUPT,
        INVALID_RECORD,
        TOO_LARGE,
        INVALID_TIMESTAMP
    }
}
