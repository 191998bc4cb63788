package io.millrace.broker.queue.store;

import io.millrace.broker.proto.DoneRecords;
import io.millrace.broker.proto.HeldRecords;
import io.millrace.broker.proto.RecordTraits;
import io.millrace.broker.proto.WaitingRecord;
import io.millrace.broker.queue.model.DeadReason;
import io.millrace.broker.queue.model.Traits;
import io.millrace.broker.queue.partition.Held;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes records that lie together and are alike as one. Filled once, in the order of offsets. */
final class RunWriter {
    private final Map<String, Integer> members = new LinkedHashMap<>();
    private final List<HeldRecords> held = new ArrayList<>();
    private final List<DoneRecords> done = new ArrayList<>();
    private final List<WaitingRecord> waiting = new ArrayList<>();
    private @Nullable Held heldFirst;
    private int heldLength;
    private long doneFirst;
    private int doneLength;
    private long waitingFirst;
    private int waitingLength;
    private Traits waitingTraits = Traits.PLAIN;

    void held(Held each) {
        Held first = heldFirst;
        if (first != null && each.offset() == first.offset() + heldLength && each.isLike(first)) {
            heldLength++;
            return;
        }
        endHeld();
        heldFirst = each;
        heldLength = 1;
    }

    private void endHeld() {
        Held first = heldFirst;
        if (first == null) {
            return;
        }
        DeadReason reason = first.reason();
        var run =
                HeldRecords.newBuilder()
                        .setFirst(first.offset())
                        .setLength(heldLength)
                        .setPhase(first.phase().code())
                        .setDeliveries(first.deliveries())
                        .setMember(member(first.member()))
                        .setUntilMs(first.untilMs())
                        .setReason(reason == null ? 0 : reason.code());
        if (!first.traits().equals(Traits.PLAIN)) {
            run.setTraits(traits(first.traits()));
        }
        held.add(run.build());
    }

    private int member(String name) {
        return name.isEmpty() ? 0 : members.computeIfAbsent(name, key -> members.size() + 1);
    }

    void done(long offset) {
        if (doneLength > 0 && offset == doneFirst + doneLength) {
            doneLength++;
            return;
        }
        endDone();
        doneFirst = offset;
        doneLength = 1;
    }

    private void endDone() {
        if (doneLength > 0) {
            done.add(DoneRecords.newBuilder().setFirst(doneFirst).setLength(doneLength).build());
        }
    }

    void waiting(long offset, Traits traits) {
        boolean continues = waitingLength > 0 && offset == waitingFirst + waitingLength;
        if (continues && traits.equals(waitingTraits)) {
            waitingLength++;
            return;
        }
        endWaiting();
        waitingFirst = offset;
        waitingLength = 1;
        waitingTraits = traits;
    }

    private void endWaiting() {
        if (waitingLength == 0) {
            return;
        }
        var run = WaitingRecord.newBuilder().setOffset(waitingFirst).setLength(waitingLength);
        if (!waitingTraits.equals(Traits.PLAIN)) {
            run.setTraits(traits(waitingTraits));
        }
        waiting.add(run.build());
    }

    private static RecordTraits traits(Traits traits) {
        return RecordTraits.newBuilder()
                .setKey(traits.key())
                .setDueMs(traits.dueMs())
                .setExpiresMs(traits.expiresMs() == Traits.NEVER ? 0 : traits.expiresMs())
                .setPriority(traits.priority())
                .build();
    }

    /** What was written; nothing may be added after it was asked for. */
    Runs end() {
        endHeld();
        endDone();
        endWaiting();
        return new Runs(held, done, waiting, List.copyOf(members.keySet()));
    }

    /** Runs of each kind, and the members that they name by index. */
    record Runs(
            List<HeldRecords> held,
            List<DoneRecords> done,
            List<WaitingRecord> waiting,
            List<String> members) {}
}
