package io.millrace.bench.torture;

import io.millrace.bench.lab.client.Guarantee;
import io.millrace.bench.lab.client.Guarantee.Consuming;
import io.millrace.bench.lab.client.Guarantee.Producing;
import io.millrace.bench.lab.client.Journal;
import io.millrace.bench.lab.client.Row;
import io.millrace.bench.lab.client.RowTopics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What runs on a tortured cluster, and what it needs of it. */
final class Load {
    private static final int REPLICAS = 3;

    /** Longer than any fault lasts. */
    private static final int PATIENCE_MS = 240_000;

    private static final Set<Producing> PRODUCING =
            Set.of(Producing.IDEMPOTENT, Producing.TRANSACTIONAL);

    /** Segments are soon closed, so that there are some to damage, to verify and to fetch. */
    private static final Map<String, String> TOPIC =
            Map.of("min.insync.replicas", "2", "segment.ms", "15000", "retention.ms", "-1");

    /**
     * An answer that is lost with its connection counts as a delivery, in Kafka 4.4 as here, and
     * what was delivered often enough is dropped. That is not what is looked for.
     */
    private static final int MOST_DELIVERIES = 25;

    private static final Map<String, String> QUEUE =
            Map.of("share.delivery.count.limit", Integer.toString(MOST_DELIVERIES));

    private Load() {}

    /** Those of the lab's that promise something whoever may fail. */
    static List<Guarantee> guarantees() {
        return Guarantee.all(false).stream()
                .filter(one -> PRODUCING.contains(one.producing()))
                .filter(one -> one.consuming() != Consuming.COMMIT_AFTER_UNCOMMITTED)
                .toList();
    }

    /** A row for each. */
    static List<Row> rows(String bootstrap, List<Guarantee> guarantees) {
        return guarantees.stream()
                .map(one -> new Row(one, new Journal(), bootstrap, PATIENCE_MS))
                .toList();
    }

    static RowTopics.Wishes wishes() {
        return new RowTopics.Wishes(REPLICAS, TOPIC, QUEUE);
    }

    static List<String> brokerSettings() {
        var settings = new ArrayList<>(RowTopics.brokerSettings());
        settings.add("min.insync.replicas=2");
        for (String own :
                List.of(
                        "offsets.topic",
                        "transaction.state.log",
                        "share.coordinator.state.topic")) {
            settings.add(own + ".replication.factor=" + REPLICAS);
        }
        settings.add("group.share.max.delivery.count.limit=" + MOST_DELIVERIES);
        settings.add("transaction.state.log.min.isr=2");
        settings.add("share.coordinator.state.topic.min.isr=2");
        settings.add("share.coordinator.state.topic.num.partitions=4");
        settings.add("millrace.verify.interval.ms=5000");
        return settings;
    }
}
