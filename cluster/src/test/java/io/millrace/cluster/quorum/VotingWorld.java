package io.millrace.cluster.quorum;

import io.millrace.cluster.quorum.Recollection.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A small model of Raft in which messages are late, lost and out of order, nodes crash, and one
 * after the other loses its disk. Checked after every event: an epoch has one leader, and what is
 * committed stays.
 */
final class VotingWorld {
    private static final int MOST_MESSAGES = 40;

    private final Random random;
    private final boolean forgetful;
    private final int nodes;
    private final List<Node> all = new ArrayList<>();
    private final List<Message> network = new ArrayList<>();
    private final Map<Integer, Integer> leaders = new HashMap<>();
    private List<Integer> committed = List.of();
    private int oneCut;
    private int otherCut;
    private int wipes;
    private int caughtUp;

    /** On disk are the epoch, the vote and the log: a crash takes the rest, a lost disk all. */
    private static final class Node {
        final int id;
        int life;
        int epoch;
        int vote = -1;
        int leader = -1;
        boolean leads;
        boolean remembers = true;
        List<Integer> log = new ArrayList<>();
        int committedEnd;
        Set<Integer> votes = new HashSet<>();
        Map<Integer, Integer> acked = new HashMap<>();
        Recollection recollection;
        Map<Integer, Standing> answers = new HashMap<>();

        Node(int id, Recollection recollection) {
            this.id = id;
            this.recollection = recollection;
        }

        int lastEpoch() {
            return log.isEmpty() ? 0 : log.getLast();
        }

        void enter(int newer, int by) {
            if (newer > epoch) {
                epoch = newer;
                vote = -1;
                leader = -1;
                leads = false;
            }
            if (by >= 0 && by != id) {
                leader = by;
            }
        }
    }

    /**
     * @param toLife an answer reaches only the life of the node that asked; -1 for a request
     */
    private record Message(
            String kind,
            int from,
            int to,
            int toLife,
            int epoch,
            List<Integer> log,
            int number,
            Standing standing) {}

    /**
     * @param forgetful whether a node without a memory votes at once, as if nothing had happened
     */
    VotingWorld(long seed, boolean forgetful) {
        this.random = new Random(seed);
        this.forgetful = forgetful;
        this.nodes = random.nextInt(4) == 0 ? 5 : 3;
        for (int id = 0; id < nodes; id++) {
            all.add(new Node(id, recollectionOf(id)));
        }
    }

    private Recollection recollectionOf(int id) {
        var others = new HashSet<Integer>();
        for (int other = 0; other < nodes; other++) {
            if (other != id) {
                others.add(other);
            }
        }
        return new Recollection(others);
    }

    int wipes() {
        return wipes;
    }

    int caughtUp() {
        return caughtUp;
    }

    int committedEnd() {
        return committed.size();
    }

    /** Plays some events; throws an AssertionError where the invariants break. */
    void play(int events) {
        for (int i = 0; i < events; i++) {
            step();
            check();
        }
    }

    private void step() {
        Node node = all.get(random.nextInt(nodes));
        switch (random.nextInt(40)) {
            case 0 -> crash(node);
            case 1 -> wipe(node);
            case 2 -> stand(node);
            case 3, 4 -> append(node);
            case 5, 6, 7, 8, 9, 10 -> fetch(node);
            case 11, 12 -> recall(node);
            case 13 -> cut();
            default -> deliver();
        }
    }

    /** Two nodes, another pair now and then, do not reach each other. */
    private void cut() {
        if (random.nextInt(10) == 0) {
            oneCut = random.nextInt(nodes);
            otherCut = random.nextInt(nodes);
        }
    }

    private boolean isCut(Message message) {
        return message.from() == oneCut && message.to() == otherCut
                || message.from() == otherCut && message.to() == oneCut;
    }

    private void send(Message message) {
        if (network.size() >= MOST_MESSAGES) {
            network.remove(random.nextInt(network.size()));
        }
        network.add(message);
    }

    private void crash(Node node) {
        node.life++;
        node.leads = false;
        node.leader = -1;
        node.committedEnd = 0;
        node.votes.clear();
        node.acked.clear();
        node.recollection = recollectionOf(node.id);
        node.answers.clear();
    }

    /** One disk at a time: the next only when the last node has its vote again. */
    private void wipe(Node node) {
        if (all.stream().allMatch(each -> each.remembers)) {
            wipes++;
            crash(node);
            node.epoch = 0;
            node.vote = -1;
            node.log = new ArrayList<>();
            node.remembers = forgetful;
        }
    }

    private void stand(Node node) {
        boolean patient = node.leader >= 0 && random.nextInt(20) > 0;
        if (node.leads || !node.remembers || patient) {
            return;
        }
        node.enter(node.epoch + 1, -1);
        node.vote = node.id;
        node.votes = new HashSet<>(Set.of(node.id));
        for (Node other : all) {
            if (other != node) {
                send(message("vote", node, other, -1, node.life));
            }
        }
    }

    private Message message(String kind, Node from, Node to, int toLife, int number) {
        return new Message(
                kind,
                from.id,
                to.id,
                toLife,
                from.epoch,
                List.copyOf(from.log),
                number,
                new Standing(from.remembers, from.epoch, from.leads, from.log.size()));
    }

    private void append(Node node) {
        if (node.leads) {
            node.log.add(node.epoch);
        }
    }

    private void fetch(Node node) {
        if (node.leader >= 0) {
            // Who has no vote fetches as nobody in particular.
            send(
                    message(
                            node.remembers ? "fetch" : "observe",
                            node,
                            all.get(node.leader),
                            -1,
                            node.life));
        } else {
            send(message("seek", node, all.get(random.nextInt(nodes)), -1, node.life));
        }
    }

    private void recall(Node node) {
        if (node.remembers) {
            return;
        }
        if (node.answers.size() == nodes - 1) {
            judge(node);
            node.answers.clear();
        }
        for (Node other : all) {
            if (other != node && !node.answers.containsKey(other.id)) {
                send(message("recall", node, other, -1, node.life));
            }
        }
    }

    private void judge(Node node) {
        var own = new Recollection.Own(node.epoch, node.leader >= 0, node.committedEnd);
        Outcome outcome = node.recollection.after(node.answers, own);
        if (outcome == Outcome.CAUGHT_UP || outcome == Outcome.NEW_CLUSTER) {
            node.remembers = true;
            caughtUp++;
        }
    }

    private void deliver() {
        if (network.isEmpty()) {
            return;
        }
        int at = random.nextInt(network.size());
        Message message = random.nextInt(4) == 0 ? network.get(at) : network.remove(at);
        Node node = all.get(message.to());
        Node from = all.get(message.from());
        if (isCut(message) || message.toLife() >= 0 && message.toLife() != node.life) {
            return;
        }
        switch (message.kind()) {
            case "vote" -> voteAsked(node, message);
            case "granted" -> granted(node, message);
            case "fetch", "observe", "seek" -> fetchAsked(node, from, message);
            case "records" -> fetched(node, message);
            case "recall" -> send(message("stands", node, from, message.number(), 0));
            case "stands" -> node.answers.put(message.from(), message.standing());
            default -> throw new IllegalStateException(message.kind());
        }
    }

    private void voteAsked(Node node, Message message) {
        if (!node.remembers) {
            return;
        }
        node.enter(message.epoch(), -1);
        int last = message.log().isEmpty() ? 0 : message.log().getLast();
        boolean upToDate =
                last > node.lastEpoch()
                        || last == node.lastEpoch() && message.log().size() >= node.log.size();
        boolean free = node.vote < 0 && node.leader < 0 || node.vote == message.from();
        if (message.epoch() == node.epoch && free && upToDate && !node.leads) {
            node.vote = message.from();
            send(message("granted", node, all.get(message.from()), message.number(), 0));
        }
    }

    private void granted(Node node, Message message) {
        if (message.epoch() == node.epoch && node.vote == node.id && !node.votes.isEmpty()) {
            node.votes.add(message.from());
            if (node.votes.size() > nodes / 2 && !node.leads) {
                node.leads = true;
                node.leader = -1;
                node.acked = new HashMap<>();
                Integer other = leaders.putIfAbsent(node.epoch, node.id);
                if (other != null && other != node.id) {
                    throw new AssertionError("two lead in epoch " + node.epoch);
                }
                node.log.add(node.epoch);
            }
        }
    }

    private void fetchAsked(Node node, Node from, Message message) {
        if (message.epoch() > node.epoch) {
            node.enter(message.epoch(), -1);
        }
        if (!node.leads) {
            return;
        }
        boolean same = message.epoch() == node.epoch && message.kind().equals("fetch");
        int common = common(node.log, message.log());
        if (same && common == message.log().size()) {
            node.acked.put(message.from(), common);
            int before = node.committedEnd;
            commit(node);
            // The worst moment: what it has just acknowledged is committed for its sake.
            if (node.committedEnd > before && random.nextInt(4) == 0) {
                wipe(from);
            }
        }
        send(message("records", node, from, message.number(), node.committedEnd));
    }

    private void commit(Node leader) {
        for (int end = leader.log.size(); end > leader.committedEnd; end--) {
            int offset = end;
            long have = leader.acked.values().stream().filter(acked -> acked >= offset).count();
            if (have + 1 > nodes / 2 && leader.log.get(end - 1) == leader.epoch) {
                leader.committedEnd = end;
                int common = common(committed, leader.log.subList(0, end));
                if (common < Math.min(end, committed.size())) {
                    throw new AssertionError("node %d commits otherwise".formatted(leader.id));
                }
                if (end > committed.size()) {
                    committed = List.copyOf(leader.log.subList(0, end));
                }
            }
        }
    }

    private void fetched(Node node, Message message) {
        if (message.epoch() < node.epoch) {
            return;
        }
        node.enter(message.epoch(), message.from());
        if (node.leads) {
            return;
        }
        // A late answer may be shorter than what came since.
        int common = common(node.log, message.log());
        boolean isOlder = common == message.log().size() && common < node.log.size();
        if (!isOlder) {
            int most = Math.min(message.log().size(), common + 1 + random.nextInt(3));
            node.log = new ArrayList<>(message.log().subList(0, most));
        }
        node.committedEnd =
                Math.max(node.committedEnd, Math.min(node.log.size(), message.number()));
    }

    private static int common(List<Integer> one, List<Integer> other) {
        int end = 0;
        while (end < Math.min(one.size(), other.size()) && one.get(end).equals(other.get(end))) {
            end++;
        }
        return end;
    }

    private void check() {
        for (Node node : all) {
            boolean newest = all.stream().allMatch(other -> other.epoch <= node.epoch);
            if (node.leads && newest && common(node.log, committed) < committed.size()) {
                throw new AssertionError(
                        "node %d leads in %d and lacks what was committed"
                                .formatted(node.id, node.epoch));
            }
        }
    }
}
