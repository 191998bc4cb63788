package io.millrace.broker.queue.store;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.broker.proto.DoneRecords;
import io.millrace.broker.proto.HeldRecords;
import io.millrace.broker.proto.RecordTraits;
import io.millrace.broker.proto.WaitingRecord;
import io.millrace.broker.queue.model.DeadReason;
import io.millrace.broker.queue.model.Phase;
import io.millrace.broker.queue.model.Traits;
import io.millrace.broker.queue.partition.SharePartition;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Puts stored runs back into a share partition. Refuses what no broker has written. */
final class RunReader {
    private static final int LONGEST_RUN = 1 << 24;

    private final SharePartition partition;

    RunReader(SharePartition partition) {
        this.partition = partition;
    }

    void held(List<HeldRecords> runs, List<String> members) throws InvalidProtocolBufferException {
        for (HeldRecords run : runs) {
            checkRun(run.getFirst(), run.getLength());
            Phase phase = Phase.of(run.getPhase());
            if (phase == null || !isWithin(run.getMember(), members.size() + 1)) {
                throw new InvalidProtocolBufferException("a held record in no known state");
            }
            Traits traits = run.hasTraits() ? traits(run.getTraits()) : Traits.PLAIN;
            for (int i = 0; i < run.getLength(); i++) {
                partition.restoreHeld(
                        run.getFirst() + i,
                        traits,
                        state ->
                                state.set(
                                        phase,
                                        run.getDeliveries(),
                                        run.getMember() == 0
                                                ? ""
                                                : members.get(run.getMember() - 1),
                                        run.getUntilMs(),
                                        DeadReason.of(run.getReason())));
            }
        }
    }

    void done(List<DoneRecords> runs) throws InvalidProtocolBufferException {
        for (DoneRecords run : runs) {
            checkRun(run.getFirst(), run.getLength());
            partition.restoreDone(run.getFirst(), run.getFirst() + run.getLength() - 1);
        }
    }

    void waiting(List<WaitingRecord> runs) throws InvalidProtocolBufferException {
        waitingByOffset(runs).forEach(partition::restoreWaiting);
    }

    static Map<Long, Traits> waitingByOffset(List<WaitingRecord> runs)
            throws InvalidProtocolBufferException {
        var waiting = new TreeMap<Long, Traits>();
        for (WaitingRecord run : runs) {
            checkRun(run.getOffset(), run.getLength());
            Traits traits = run.hasTraits() ? traits(run.getTraits()) : Traits.PLAIN;
            for (int i = 0; i < run.getLength(); i++) {
                waiting.put(run.getOffset() + i, traits);
            }
        }
        return waiting;
    }

    private static Traits traits(RecordTraits stored) throws InvalidProtocolBufferException {
        if (!isWithin(stored.getPriority(), Traits.MOST_PRIORITIES)) {
            throw new InvalidProtocolBufferException("an unknown class of priority");
        }
        return new Traits(
                stored.getKey(),
                stored.getDueMs(),
                stored.getExpiresMs() == 0 ? Traits.NEVER : stored.getExpiresMs(),
                stored.getPriority());
    }

    private static boolean isWithin(int value, int bound) {
        return value >= 0 && value < bound;
    }

    private static void checkRun(long first, int length) throws InvalidProtocolBufferException {
        if (first < 0 || length < 1 || length > LONGEST_RUN) {
            throw new InvalidProtocolBufferException(
                    "no run of records: %d of %d".formatted(length, first));
        }
    }
}
