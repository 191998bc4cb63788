package io.millrace.broker.handler.fetch;

import io.millrace.broker.handler.ParkedWait;
import io.millrace.broker.handler.fetch.FetchPartition.Key;
import io.millrace.broker.loop.AppendWatcher;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.PartitionDirectory.HostedTopic;
import io.millrace.broker.loop.Scatter;
import io.millrace.broker.wire.Request;
import io.millrace.broker.wire.Uuids;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.jspecify.annotations.Nullable;

/**
 * One fetch under way. Lives on the connection's loop, and sends reads to the loops that own the
 * partitions: collect; if that is too little, watch the partitions; when one advances, collect
 * again; answer when there is enough, something failed, or the wait is over, which it is early
 * where too many wait.
 */
final class FetchOperation {
    private final Request request;
    private final FetchRequest body;
    private final FetchPlan plan;
    private final OwnerLoop home;
    private final int maxBytes;
    private final Reader reader;
    private final List<FetchItem> items = new ArrayList<>();
    private final Map<OwnerLoop, List<FetchItem>> byLoop = new LinkedHashMap<>(4);
    private final AppendWatcher watcher = this::advanced;
    private @Nullable ParkedWait wait;
    private State state = State.COLLECTING;
    private boolean waitOver;
    private boolean watching;

    private enum State {
        COLLECTING,
        PARKED,
        DONE
    }

    FetchOperation(
            Request request,
            FetchPlan plan,
            OwnerLoop home,
            PartitionDirectory directory,
            FetchRules rules) {
        this.request = request;
        this.body = request.body(FetchRequest.class);
        this.plan = plan;
        this.home = home;
        this.reader = Reader.of(body, rules);
        this.maxBytes = Math.max(0, Math.min(body.maxBytes(), rules.limits().maxBytes()));
        plan.partitions().forEach(wanted -> addItem(wanted, directory));
    }

    private void addItem(FetchPartition wanted, PartitionDirectory directory) {
        Key key = wanted.key();
        boolean byId = !key.topicId().equals(Uuid.ZERO_UUID);
        HostedTopic topic =
                byId
                        ? directory.topic(Uuids.fromWire(key.topicId()))
                        : directory.topic(key.topic());
        @Nullable Partition partition = topic == null ? null : topic.partition(key.index());
        Errors missing = Errors.NONE;
        if (partition == null) {
            missing =
                    topic == null && byId
                            ? Errors.UNKNOWN_TOPIC_ID
                            : Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        var item = new FetchItem(wanted, partition, missing);
        items.add(item);
        if (partition != null) {
            byLoop.computeIfAbsent(partition.loop(), loop -> new ArrayList<>()).add(item);
        }
    }

    void start() {
        waitOver = body.maxWait() <= 0 || byLoop.isEmpty();
        collect();
    }

    private void collect() {
        state = State.COLLECTING;
        var scatter = new Scatter();
        byLoop.forEach((loop, share) -> scatter.add(loop, () -> read(share)));
        scatter.start(() -> home.run(this::collected));
    }

    /** Runs on the loop that owns all partitions of the share. */
    private void read(List<FetchItem> share) {
        int remaining = maxBytes;
        boolean first = true;
        for (FetchItem item : share) {
            Partition partition = item.partition();
            if (partition != null) {
                int bytes = item.read(partition, reader, remaining, first);
                first &= bytes == 0;
                remaining = Math.max(0, remaining - bytes);
            }
        }
    }

    private void collected() {
        if (state == State.DONE) {
            items.forEach(FetchItem::drop);
        } else if (waitOver || isEnough()) {
            answer();
        } else {
            items.forEach(FetchItem::drop);
            parkUnlessAbandoned();
        }
    }

    /** The connection may have ended while the partitions were read for the first time. */
    private void parkUnlessAbandoned() {
        if (request.isAbandoned()) {
            end();
            request.answerNothing();
        } else {
            park();
        }
    }

    private boolean isEnough() {
        long bytes = 0;
        for (FetchItem item : items) {
            if (item.isUrgent(reader)) {
                return true;
            }
            bytes += item.bytes();
        }
        return bytes >= body.minBytes();
    }

    private void park() {
        state = State.PARKED;
        if (wait == null) {
            request.whenAbandoned(this::abandoned);
            wait = new ParkedWait(request, home, items.size(), body.maxWait(), this::waitEnded);
        }
        watching = true;
        byLoop.forEach((loop, share) -> loop.run(() -> watch(share)));
    }

    /** Registers on the owner's loop, unless something came since it was read. */
    private void watch(List<FetchItem> share) {
        for (FetchItem item : share) {
            Partition partition = item.partition();
            if (partition == null) {
                continue;
            }
            reader.watch(partition, watcher, item.wanted().asksWhatIsCommitted());
            if (item.hasMore(partition, reader)) {
                advanced();
            }
        }
    }

    private void advanced() {
        home.execute(() -> {
            if (state == State.PARKED) {
                unwatch();
                collect();
            }
        });
    }

    private void waitEnded() {
        waitOver = true;
        if (state == State.PARKED) {
            unwatch();
            collect();
        }
    }

    private void abandoned() {
        if (state != State.DONE) {
            boolean reading = state == State.COLLECTING;
            end();
            if (!reading) {
                items.forEach(FetchItem::drop);
            }
            request.answerNothing();
        }
    }

    private void end() {
        state = State.DONE;
        unwatch();
        if (wait != null) {
            wait.end();
        }
    }

    private void unwatch() {
        if (watching) {
            watching = false;
            byLoop.forEach((loop, share) -> loop.run(() -> unwatch(share)));
        }
    }

    private void unwatch(List<FetchItem> share) {
        for (FetchItem item : share) {
            Partition partition = item.partition();
            if (partition != null) {
                partition.unwatch(watcher);
            }
        }
    }

    private void answer() {
        end();
        limitTotal();
        var response =
                new FetchResponseData()
                        .setSessionId(plan.sessionId())
                        .setResponses(new FetchAnswer(plan).topics(items));
        request.answer(FetchResponse.of(response));
    }

    private void limitTotal() {
        long remaining = maxBytes;
        boolean first = true;
        for (FetchItem item : items) {
            if (item.bytes() > 0) {
                if (!first) {
                    item.limitTo((int) remaining);
                }
                first = false;
                remaining = Math.max(0, remaining - item.bytes());
            }
        }
    }
}
