package io.millrace.broker.handler.share;

import io.millrace.broker.coordinator.QueueCoordinator.Planned;
import io.millrace.broker.handler.ParkedWait;
import io.millrace.broker.handler.log.LogErrors;
import io.millrace.broker.handler.queue.QueueErrors;
import io.millrace.broker.loop.AppendWatcher;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.queue.QueueReply;
import io.millrace.broker.queue.QueueRequest;
import io.millrace.broker.queue.model.Acquisition;
import io.millrace.broker.queue.model.Plan;
import io.millrace.broker.queue.model.QueueError;
import io.millrace.broker.queue.model.Traits;
import io.millrace.broker.queue.partition.Acquired;
import io.millrace.broker.wire.Request;
import io.millrace.storage.StorageException;
import io.millrace.storage.batch.MalformedBatchException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.jspecify.annotations.Nullable;

/**
 * One share fetch under way: goes through its partitions one after another until it has enough, and
 * waits for more if it has nothing. Belongs to the connection's loop; each step on a partition or a
 * shard runs on the loop of that, or on another broker, and comes back by a message.
 */
final class ShareFetchOperation {
    private final Request request;
    private final ShareSession session;
    private final ShareFetchWants wants;
    private final List<ShareFetchItem> items;
    private final QueueAccess access;
    private final long fetch;
    private final OwnerLoop home;
    private final Consumer<List<ShareFetchItem>> answer;
    private final Runnable wake = this::changed;
    private final Map<ShareFetchItem, AppendWatcher> watchers = new HashMap<>();
    private State state = State.FETCHING;
    private boolean changed;
    private boolean waitOver;
    private int next;
    private int recordsLeft;
    private long bytesLeft;
    private long nextMs = Traits.NEVER;
    private OwnerLoop.@Nullable Cancellable dueTimer;
    private @Nullable ParkedWait wait;

    private enum State {
        FETCHING,
        PARKED,
        DONE
    }

    ShareFetchOperation(
            Request request,
            ShareSession session,
            ShareFetchWants wants,
            List<ShareFetchItem> items,
            QueueAccess access,
            Home home) {
        this.request = request;
        this.session = session;
        this.wants = wants;
        this.items = items;
        this.access = access;
        this.fetch = home.fetch();
        this.home = home.loop();
        this.answer = home.answer();
        this.recordsLeft = wants.maxRecords();
        this.bytesLeft = wants.maxBytes();
    }

    /**
     * Where the operation runs, and what is done with its outcome there, once.
     *
     * @param fetch names it, so that what it took is told from what others of the member took
     */
    record Home(OwnerLoop loop, long fetch, Consumer<List<ShareFetchItem>> answer) {}

    void start() {
        request.whenAbandoned(this::abandoned);
        if (request.isAbandoned()) {
            abandoned();
            return;
        }
        for (ShareFetchItem item : items) {
            watchers.put(item, () -> appended(item));
            access.queues().watch(item.part().key(), wake);
        }
        waitOver = wants.maxWaitMs() <= 0 || items.isEmpty();
        fetchNext();
    }

    private void fetchNext() {
        if (state == State.DONE) {
            items.forEach(ShareFetchItem::drop);
            return;
        }
        while (next < items.size() && recordsLeft > 0 && bytesLeft > 0) {
            ShareFetchItem item = items.get(next++);
            Partition partition = item.part().partition();
            if (partition == null || item.failed()) {
                continue;
            }
            if (access.queues().isElsewhere(partition.id())) {
                item.fail(Errors.NOT_LEADER_OR_FOLLOWER);
                continue;
            }
            plan(item, partition, recordsLeft);
            return;
        }
        passEnded();
    }

    private void goOn() {
        home.execute(this::fetchNext);
    }

    private void plan(ShareFetchItem item, Partition partition, int most) {
        if (state == State.DONE) {
            fetchNext();
            return;
        }
        long budgetBytes = bytesLeft;
        access.queues()
                .plan(
                        item.part().key(),
                        most,
                        home.nowMs(),
                        planned ->
                                planned(item, partition, planned, new Budget(most, budgetBytes)));
    }

    private record Budget(int records, long bytes) {}

    /** On any thread. */
    private void planned(ShareFetchItem item, Partition partition, Planned planned, Budget budget) {
        Plan plan = planned.plan();
        if (planned.error() == QueueError.NOT_INITIALIZED) {
            beginIfMember(item, partition, budget);
        } else if (plan == null) {
            home.execute(() -> failed(item, QueueErrors.of(planned.error())));
        } else {
            home.execute(() -> planned(item, partition, plan, budget));
        }
    }

    private void planned(ShareFetchItem item, Partition partition, Plan plan, Budget budget) {
        nextMs = Math.min(nextMs, plan.nextMs());
        if (state == State.DONE || plan.isEmpty()) {
            fetchNext();
        } else {
            partition.loop().run(() -> look(item, partition, plan, budget));
        }
    }

    private void failed(ShareFetchItem item, Errors error) {
        item.fail(error);
        fetchNext();
    }

    /** Only for a member is anything begun: others could have a group's worth kept for nobody. */
    private void beginIfMember(ShareFetchItem item, Partition partition, Budget budget) {
        access.members()
                .check(
                        session.key().group(),
                        session.key().member(),
                        error -> {
                            if (error == Errors.NONE) {
                                partition.loop().run(() -> initialize(item, partition, budget));
                            } else {
                                home.execute(() -> failed(item, QueueErrors.ofMembership(error)));
                            }
                        });
    }

    /** On the partition's loop. */
    private void initialize(ShareFetchItem item, Partition partition, Budget budget) {
        Errors error = LogErrors.availability(partition);
        if (error != Errors.NONE) {
            home.execute(() -> failed(item, error));
            return;
        }
        String group = item.part().key().group();
        OptionalLong start =
                StartOffsets.of(
                        partition,
                        access.configs().values(group).text("share.auto.offset.reset"),
                        access.configs().readsCommitted(group));
        if (start.isEmpty()) {
            home.execute(() -> failed(item, Errors.OFFSET_NOT_AVAILABLE));
            return;
        }
        access.queues()
                .handle(
                        new QueueRequest.Initialize(item.part().key(), start.getAsLong()),
                        reply -> {
                            if (reply.error() == QueueError.NONE) {
                                home.execute(() -> plan(item, partition, budget.records()));
                            } else {
                                Errors refused = QueueErrors.of(reply.error());
                                home.execute(() -> failed(item, refused));
                            }
                        });
    }

    /** On the partition's loop. */
    private void look(ShareFetchItem item, Partition partition, Plan plan, Budget budget) {
        Errors error = LogErrors.availability(partition);
        if (error != Errors.NONE) {
            home.execute(() -> failed(item, error));
            return;
        }
        AppendWatcher watcher = watchers.get(item);
        if (watcher != null) {
            item.watch(partition, watcher);
        }
        Glimpse glimpse;
        try {
            var extras = access.queues().settings(item.part().key()).extras();
            boolean committed = access.configs().readsCommitted(item.part().key().group());
            glimpse = new QueueReader(partition, extras, committed, budget.bytes()).look(plan);
        } catch (StorageException e) {
            home.execute(() -> failed(item, LogErrors.of(e)));
            return;
        } catch (MalformedBatchException e) {
            home.execute(() -> failed(item, Errors.CORRUPT_MESSAGE));
            return;
        }
        if (glimpse.isEmpty()) {
            goOn();
        } else {
            acquire(item, partition, glimpse, budget);
        }
    }

    private void acquire(ShareFetchItem item, Partition partition, Glimpse glimpse, Budget budget) {
        var wish =
                new Acquisition(
                        session.key().member(),
                        budget.records(),
                        wants.strict(),
                        glimpse.logStart(),
                        fetch,
                        glimpse.found());
        boolean movedOn = glimpse.found().scan().to() > glimpse.found().scan().from();
        access.queues()
                .handle(
                        new QueueRequest.Acquire(item.part().key(), wish),
                        reply -> acquired(item, partition, glimpse, reply, movedOn));
    }

    /** On any thread. */
    private void acquired(
            ShareFetchItem item,
            Partition partition,
            Glimpse glimpse,
            QueueReply reply,
            boolean movedOn) {
        if (reply instanceof QueueReply.Held held && !held.acquired().isEmpty()) {
            partition.loop().run(() -> deliver(item, partition, glimpse, held));
        } else if (reply.error() != QueueError.NONE) {
            home.execute(() -> failed(item, QueueErrors.of(reply.error())));
        } else {
            home.execute(() -> {
                changed |= movedOn;
                fetchNext();
            });
        }
    }

    /** On the partition's loop. */
    private void deliver(
            ShareFetchItem item, Partition partition, Glimpse glimpse, QueueReply.Held held) {
        try {
            var records = new Delivery(partition, glimpse).records(held.acquired());
            home.execute(() -> delivered(item, records, held.acquired()));
        } catch (StorageException e) {
            home.execute(() -> {
                takeBackIfOver(item);
                failed(item, LogErrors.of(e));
            });
        }
    }

    private void delivered(ShareFetchItem item, BaseRecords records, List<Acquired> acquired) {
        item.deliver(records, acquired, wants.batchSize());
        recordsLeft -= item.recordCount();
        bytesLeft -= item.sizeBytes();
        takeBackIfOver(item);
        fetchNext();
    }

    /** What came to be held after the member's connection had ended was not delivered. */
    private void takeBackIfOver(ShareFetchItem item) {
        if (state == State.DONE) {
            access.queues()
                    .handle(
                            new QueueRequest.TakeBack(
                                    item.part().key(), session.key().member(), fetch),
                            reply -> {});
        }
    }

    private void passEnded() {
        boolean any = items.stream().anyMatch(item -> item.failed() || item.recordCount() > 0);
        if (any || (waitOver && !changed)) {
            end();
            answer.accept(items);
        } else if (changed) {
            pass();
        } else {
            park();
        }
    }

    private void pass() {
        changed = false;
        state = State.FETCHING;
        nextMs = Traits.NEVER;
        next = 0;
        fetchNext();
    }

    private void park() {
        state = State.PARKED;
        if (wait == null) {
            wait = new ParkedWait(request, home, items.size(), wants.maxWaitMs(), this::waitEnded);
        }
        if (nextMs != Traits.NEVER) {
            long restMs = Math.max(1, nextMs - home.nowMs());
            if (dueTimer != null) {
                dueTimer.cancel();
            }
            if (restMs < wants.maxWaitMs()) {
                dueTimer = home.schedule(this::changedHere, restMs);
            }
        }
    }

    private void waitEnded() {
        waitOver = true;
        if (state == State.PARKED) {
            pass();
        }
    }

    /** On the partition's loop. */
    private void appended(ShareFetchItem item) {
        item.watchEnded();
        changed();
    }

    /** From any thread. */
    private void changed() {
        home.execute(this::changedHere);
    }

    private void changedHere() {
        changed = true;
        if (state == State.PARKED) {
            pass();
        }
    }

    private void abandoned() {
        if (state != State.DONE) {
            boolean reading = state == State.FETCHING;
            end();
            if (!reading) {
                items.forEach(ShareFetchItem::drop);
            }
            answer.accept(List.of());
        }
    }

    private void end() {
        state = State.DONE;
        if (wait != null) {
            wait.end();
        }
        if (dueTimer != null) {
            dueTimer.cancel();
        }
        var left = new ArrayList<>(items);
        for (ShareFetchItem item : left) {
            access.queues().unwatch(item.part().key(), wake);
            Partition partition = item.part().partition();
            AppendWatcher watcher = watchers.get(item);
            if (partition != null && watcher != null) {
                partition.loop().run(() -> item.unwatch(partition, watcher));
            }
        }
    }
}
