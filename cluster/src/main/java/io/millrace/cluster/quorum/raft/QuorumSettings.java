package io.millrace.cluster.quorum.raft;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How a node takes part in the quorum.
 *
 * @param dataFolder the broker's data folder; the log gets a folder in it
 * @param voters every voter's address by its node id; a node that is not among them observes
 * @param connection how to connect to them: security settings of Kafka's clients, none for plain
 *     text
 */
public record QuorumSettings(
        Node node,
        Path dataFolder,
        Map<Integer, InetSocketAddress> voters,
        Timing timing,
        Map<String, String> connection) {

    /**
     * Who this node is.
     *
     * @param directoryId its data folder's, not zero
     * @param clusterId the same on every node
     */
    public record Node(int id, UUID directoryId, String clusterId) {}

    /**
     * How patient nodes are.
     *
     * @param electionTimeoutMs how long a candidate waits for votes
     * @param fetchTimeoutMs how long a follower goes without an answer of the leader, and two
     *     thirds of how long a leader does without a majority; over 500, which a fetch may wait
     * @param electionBackoffMaxMs the longest pause after an election that nobody won
     * @param requestTimeoutMs how long a request may take
     */
    public record Timing(
            int electionTimeoutMs,
            int fetchTimeoutMs,
            int electionBackoffMaxMs,
            int requestTimeoutMs) {
        private static final int FETCH_WAIT_MS = 500;

        public Timing {
            if (fetchTimeoutMs <= FETCH_WAIT_MS) {
                throw new IllegalArgumentException(
                        "controller.quorum.fetch.timeout.ms is %d: it must be over %d"
                                .formatted(fetchTimeoutMs, FETCH_WAIT_MS));
            }
        }

        /** What Kafka has as well. */
        public static Timing defaults() {
            return new Timing(1000, 2000, 1000, 2000);
        }
    }

    public QuorumSettings {
        if (voters.isEmpty()) {
            throw new IllegalArgumentException("controller.quorum.voters names nobody");
        }
        voters = Map.copyOf(voters);
        connection = Map.copyOf(connection);
    }

    /** Whether this node votes. */
    public boolean votes() {
        return voters.containsKey(node.id());
    }

    /**
     * Reads {@code controller.quorum.voters}: {@code 1@host:port,2@host:port}.
     *
     * @throws IllegalArgumentException if it is written otherwise
     */
    public static Map<Integer, InetSocketAddress> parseVoters(String list) {
        var voters = new TreeMap<Integer, InetSocketAddress>();
        for (String entry : list.split(",", -1)) {
            int at = entry.indexOf('@');
            int colon = entry.lastIndexOf(':');
            if (at < 1 || colon < at + 2) {
                throw malformed(entry, null);
            }
            String host = entry.substring(at + 1, colon).replaceAll("^\\[|]$", "");
            try {
                int id = Integer.parseInt(entry.substring(0, at).strip());
                int port = Integer.parseInt(entry.substring(colon + 1).strip());
                if (id < 0
                        || voters.put(id, InetSocketAddress.createUnresolved(host, port)) != null) {
                    throw malformed(entry, null);
                }
            } catch (NumberFormatException e) {
                throw malformed(entry, e);
            }
        }
        return voters;
    }

    private static IllegalArgumentException malformed(String entry, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "controller.quorum.voters: '%s' is no id@host:port, or its id is there twice"
                        .formatted(entry),
                cause);
    }
}
