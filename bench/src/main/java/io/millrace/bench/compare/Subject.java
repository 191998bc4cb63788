package io.millrace.bench.compare;

import java.util.List;
import java.util.stream.Stream;

/**
 * A broker with its settings.
 *
 * @param name as it stands in the report
 * @param kind kafka or millrace
 * @param settings key=value, beyond the defaults
 */
public record Subject(String name, String kind, List<String> settings) {
    public static final Subject KAFKA = new Subject("Kafka", "kafka", List.of());
    public static final Subject KAFKA_FSYNC =
            new Subject("Kafka fsync", "kafka", List.of("log.flush.interval.messages=1"));
    public static final Subject MILLRACE =
            new Subject("Millrace", "millrace", List.of("millrace.durability=os"));
    public static final Subject MILLRACE_FSYNC =
            new Subject("Millrace fsync", "millrace", List.of("millrace.durability=fsync"));

    /** The same broker with more settings. */
    public Subject with(String... more) {
        return new Subject(name, kind, Stream.concat(settings.stream(), Stream.of(more)).toList());
    }

    /** Whether it acknowledges only what is on disk. */
    public boolean isFsync() {
        return name.equals(KAFKA_FSYNC.name) || name.equals(MILLRACE_FSYNC.name);
    }
}
