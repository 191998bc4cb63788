package io.millrace.cluster.quorum.raft;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How a node takes part in the quorum.
 *
 * @param dataFolder the broker's data folder; the log gets a folder in it
 * @param connection how to connect to them: security settings of Kafka's clients, none for plain
 *     text
 */
public record QuorumSettings(
        Node node,
        Path dataFolder,
        Membership membership,
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
     * Who votes, or where that is to be learned (KIP-853).
     *
     * @param voters every voter's address by its node id, until the log says otherwise; empty: the
     *     log alone says
     * @param contacts controllers that know who leads; empty: the voters
     * @param own where the others reach this node; null if it can never vote
     * @param joins whether it makes itself a voter once it has caught up, where voters may change
     */
    public record Membership(
            Map<Integer, InetSocketAddress> voters,
            List<InetSocketAddress> contacts,
            @Nullable InetSocketAddress own,
            boolean joins) {
        public Membership {
            if (voters.isEmpty() && contacts.isEmpty()) {
                throw new IllegalArgumentException(
                        "controller.quorum.voters and controller.quorum.bootstrap.servers name nobody");
            }
            voters = Map.copyOf(voters);
            contacts = List.copyOf(contacts);
        }

        /**
         * Whether this node begins the quorum, as its first voter, if it has no log yet: it knows
         * of no other.
         */
        boolean begins() {
            return voters.isEmpty() && own != null && contacts.equals(List.of(own));
        }
    }

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
        connection = Map.copyOf(connection);
    }

    /**
     * The same of a quorum with the voters of its configuration.
     *
     * @param voters every voter's address by its node id; a node that is not among them observes
     */
    public QuorumSettings(
            Node node,
            Path dataFolder,
            Map<Integer, InetSocketAddress> voters,
            Timing timing,
            Map<String, String> connection) {
        this(
                node,
                dataFolder,
                new Membership(voters, List.of(), voters.get(node.id()), false),
                timing,
                connection);
    }

    /** Whether this node votes, or may come to. */
    public boolean mayVote() {
        return membership.own() != null;
    }

    /**
     * Reads {@code controller.quorum.bootstrap.servers}: {@code host:port,host:port}.
     *
     * @throws IllegalArgumentException if it is written otherwise
     */
    public static List<InetSocketAddress> parseContacts(String list) {
        var contacts = new ArrayList<InetSocketAddress>();
        for (String entry : list.split(",", -1)) {
            int colon = entry.lastIndexOf(':');
            try {
                String host = entry.substring(0, Math.max(colon, 0)).strip();
                int port = Integer.parseInt(entry.substring(colon + 1).strip());
                if (host.isEmpty()) {
                    throw notAnAddress(entry, null);
                }
                contacts.add(
                        InetSocketAddress.createUnresolved(host.replaceAll("^\\[|]$", ""), port));
            } catch (NumberFormatException e) {
                throw notAnAddress(entry, e);
            }
        }
        return contacts;
    }

    private static IllegalArgumentException notAnAddress(String entry, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "controller.quorum.bootstrap.servers: '%s' is no host:port".formatted(entry),
                cause);
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
