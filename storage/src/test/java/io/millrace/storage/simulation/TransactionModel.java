package io.millrace.storage.simulation;

import io.millrace.storage.batch.ControlRecord;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.producer.AbortedTransaction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the batches of a log say of its transactions, worked out the plain way. */
final class TransactionModel {
    final List<Transaction> transactions = new ArrayList<>();
    private final List<View> views = new ArrayList<>();

    /** A transaction of one producer; {@code marker} is -1 while it is open. */
    record Transaction(
            long producerId, short epoch, List<Long> batches, long marker, boolean commit) {
        boolean isOpen() {
            return marker < 0;
        }
    }

    private record View(
            long first,
            long last,
            long producerId,
            boolean transactional,
            @Nullable ControlRecord end) {}

    /**
     * Where a producer stands: in which epoch, with which next sequence, in a transaction or not.
     */
    record Standing(short epoch, int nextSequence, boolean open) {}

    TransactionModel(Model model, long from) {
        var open = new TreeMap<Long, Transaction>();
        for (Model.Batch batch : model.batches.tailMap(from).values()) {
            var view = new RecordBatchView().wrap(batch.bytes(), 0);
            ControlRecord end = view.isControl() ? ControlRecord.of(view) : null;
            views.add(
                    new View(
                            batch.first(),
                            batch.last(),
                            view.producerId(),
                            view.isTransactional(),
                            end));
            if (end != null) {
                Transaction ended = open.remove(view.producerId());
                if (ended != null) {
                    transactions.add(
                            new Transaction(
                                    ended.producerId(),
                                    ended.epoch(),
                                    ended.batches(),
                                    batch.first(),
                                    end.commit()));
                }
            } else if (view.isTransactional()) {
                open.computeIfAbsent(
                                view.producerId(),
                                id ->
                                        new Transaction(
                                                id,
                                                view.producerEpoch(),
                                                new ArrayList<>(),
                                                -1,
                                                false))
                        .batches()
                        .add(batch.first());
            }
        }
        transactions.addAll(open.values());
    }

    static Standing standing(Model model, long producerId) {
        var standing = new Standing((short) 0, 0, false);
        for (Model.Batch batch : model.batches.values()) {
            var view = new RecordBatchView().wrap(batch.bytes(), 0);
            if (view.producerId() == producerId) {
                standing =
                        view.isControl()
                                ? new Standing(view.producerEpoch(), 0, false)
                                : new Standing(view.producerEpoch(), view.lastSequence() + 1, true);
            }
        }
        return standing;
    }

    /** The first offset that is not decided for good. */
    long lastStableOffset(long highWatermark) {
        return transactions.stream()
                .filter(each -> each.isOpen() || each.marker() >= highWatermark)
                .mapToLong(each -> each.batches().getFirst())
                .reduce(highWatermark, Math::min);
    }

    /** Whether some transaction has records before an offset. */
    boolean reachesBefore(long offset) {
        return transactions.stream().anyMatch(each -> each.batches().getFirst() < offset);
    }

    /** First offsets of the batches of data that a reader of what is committed is to see. */
    List<Long> committed(long from, long end) {
        var aborted = new HashSet<Long>();
        transactions.stream()
                .filter(each -> !each.isOpen() && !each.commit())
                .forEach(each -> aborted.addAll(each.batches()));
        return views.stream()
                .filter(view -> view.end() == null && view.last() >= from && view.last() < end)
                .map(View::first)
                .filter(first -> !aborted.contains(first))
                .toList();
    }

    /** The same, as a client works it out from the list that a fetch gives. */
    List<Long> seenByClient(long from, long end, List<AbortedTransaction> told) {
        var waiting =
                new PriorityQueue<>(Comparator.comparingLong(AbortedTransaction::firstOffset));
        waiting.addAll(told);
        Set<Long> aborting = new HashSet<>();
        var seen = new ArrayList<Long>();
        for (View view : views) {
            if (view.last() < from || view.last() >= end) {
                continue;
            }
            while (!waiting.isEmpty() && waiting.peek().firstOffset() <= view.last()) {
                aborting.add(Objects.requireNonNull(waiting.poll()).producerId());
            }
            boolean abort = view.end() != null && !view.end().commit();
            if (abort) {
                aborting.remove(view.producerId());
            }
            boolean skipped = view.transactional() && aborting.contains(view.producerId());
            if (view.end() == null && !skipped) {
                seen.add(view.first());
            }
        }
        return seen;
    }
}
