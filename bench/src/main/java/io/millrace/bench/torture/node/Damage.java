package io.millrace.bench.torture.node;

import io.millrace.bench.torture.node.SegmentFiles.Located;
import io.millrace.bench.torture.plan.NodeFault.Way;
import io.millrace.bench.torture.plan.Strike;
import io.millrace.bench.torture.plan.Strike.Choice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Takes from nodes what they have stored. Never the quorum's log: a voter that forgets whom it
 * voted for may vote again, so that with fixed voters (KIP-595, as here) even one lost folder can
 * lose what a majority had; Kafka says the same of its own (KAFKA-14077, KIP-853).
 */
public final class Damage {
    private static final String QUORUM = "__cluster_metadata-0";
    private static final Pattern PARTITION = Pattern.compile(".+-\\d+");
    private static final int NEWEST_SPARED = 10;

    private final Volumes volumes;

    public Damage(Volumes volumes) {
        this.volumes = volumes;
    }

    /** Deletes what a stopped node has stored: of its partitions, or all. */
    public void wipe(int node, Way way) throws IOException {
        try (Stream<Path> entries = Files.list(volumes.data(node))) {
            for (Path entry : entries.toList()) {
                String name = entry.getFileName().toString();
                boolean partition = PARTITION.matcher(name).matches();
                if (!name.equals(QUORUM) && (way == Way.DISK || partition)) {
                    delete(entry);
                }
            }
        }
    }

    /** Deletes what a stopped node has of one partition. */
    public void forget(int node, String partition) throws IOException {
        delete(volumes.data(node).resolve(partition));
    }

    private static void delete(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            try (Stream<Path> inside = Files.list(path)) {
                for (Path entry : inside.toList()) {
                    delete(entry);
                }
            }
        }
        Files.delete(path);
    }

    /**
     * A bit that was turned.
     *
     * @param partition the name of its folder
     * @param batch as it was before
     */
    public record Flipped(int node, String partition, Located batch) {
        @Override
        public String toString() {
            return "%s, offset %d".formatted(partition, batch.batch().baseOffset());
        }
    }

    /**
     * Turns a bit of a batch that another node holds too, by the strike's chance; of a segment that
     * is written no more, if there is one.
     */
    public Optional<Flipped> flip(Strike strike, List<String> partitions, int other)
            throws IOException {
        for (int i = 0; i < partitions.size(); i++) {
            String partition =
                    partitions.get(
                            (strike.choose(Choice.PARTITION, partitions.size()) + i)
                                    % partitions.size());
            List<Located> mine = SegmentFiles.of(volumes.data(strike.node()).resolve(partition));
            if (mine.size() <= NEWEST_SPARED) {
                continue;
            }
            Path newest = mine.getLast().segment();
            List<Located> closed =
                    mine.stream().filter(one -> !one.segment().equals(newest)).toList();
            List<Located> among =
                    closed.isEmpty() ? mine.subList(0, mine.size() - NEWEST_SPARED) : closed;
            Located batch = among.get(strike.choose(Choice.BATCH, among.size()));
            if (holds(other, partition, batch)) {
                SegmentFiles.flip(batch, strike.choose(Choice.BIT, batch.bytes() * Byte.SIZE));
                return Optional.of(new Flipped(strike.node(), partition, batch));
            }
        }
        return Optional.empty();
    }

    private boolean holds(int node, String partition, Located batch) throws IOException {
        return SegmentFiles.of(volumes.data(node).resolve(partition)).stream()
                .anyMatch(one -> one.batch().equals(batch.batch()));
    }

    /** Whether what was flipped is as it was. */
    public boolean isMended(Flipped flipped) throws IOException {
        return holds(flipped.node(), flipped.partition(), flipped.batch());
    }
}
