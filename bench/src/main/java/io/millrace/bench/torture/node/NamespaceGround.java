package io.millrace.bench.torture.node;

import io.millrace.bench.torture.plan.NodeFault.Way;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Each node in a network namespace of its own, all on one bridge, on which the clients are too.
 *
 * <p>Links to single nodes are cut by telling a namespace a hardware address for the other that
 * nobody has: what it sends there is lost without a word, in that direction only, as in a network
 * that drops packets.
 */
final class NamespaceGround implements Ground {
    private static final String NOBODY = "02:00:00:00:00:01";
    private static final String[] LATE = {"netem", "delay", "150ms", "100ms", "loss", "2%"};

    /** Where the kernel has no netem: little goes through at once, and the rest queues up. */
    private static final String[] NARROW = {
        "tbf", "rate", "256kbit", "burst", "8kb", "latency", "500ms"
    };

    private final int nodes;
    private final String name;
    private final String subnet;
    private final boolean hasNetem;

    private NamespaceGround(int nodes, String name, String subnet, boolean hasNetem) {
        this.nodes = nodes;
        this.name = name;
        this.subnet = subnet;
        this.hasNetem = hasNetem;
    }

    /** Whether this machine lets us make namespaces and connect them. */
    static boolean isPossible() {
        String probe = "mtprobe" + ProcessHandle.current().pid() % 100_000;
        boolean possible =
                Commands.works("ip", "netns", "add", probe)
                        && Commands.works("ip", "link", "add", probe, "type", "bridge");
        Commands.undo(
                List.of(
                        new String[] {"ip", "link", "del", probe},
                        new String[] {"ip", "netns", "del", probe}));
        return possible;
    }

    static NamespaceGround create(int nodes, int basePort) throws IOException {
        String name = "mt" + basePort;
        var unfinished =
                new NamespaceGround(nodes, name, "10.87.%d".formatted(basePort / 10 % 250), false);
        unfinished.close();
        try {
            unfinished.make();
            boolean hasNetem = unfinished.slowsBy(LATE, 1);
            unfinished.heal(1);
            return new NamespaceGround(nodes, name, unfinished.subnet, hasNetem);
        } catch (IOException e) {
            unfinished.close();
            throw e;
        }
    }

    private void make() throws IOException {
        ip("link", "add", name, "type", "bridge");
        ip("addr", "add", subnet + ".254/24", "dev", name);
        ip("link", "set", name, "up");
        for (int node = 1; node <= nodes; node++) {
            ip("netns", "add", space(node));
            ip(
                    "link",
                    "add",
                    space(node),
                    "type",
                    "veth",
                    "peer",
                    "name",
                    "eth0",
                    "netns",
                    space(node));
            ip("link", "set", space(node), "master", name, "up");
            inside(node, "addr", "add", host(node) + "/24", "dev", "eth0");
            inside(node, "link", "set", "eth0", "up");
            inside(node, "link", "set", "lo", "up");
        }
    }

    private static void ip(String... arguments) throws IOException {
        Commands.run(command(List.of("ip"), arguments));
    }

    private void inside(int node, String... arguments) throws IOException {
        Commands.run(command(List.of("ip", "-n", space(node)), arguments));
    }

    private static String[] command(List<String> first, String... rest) {
        var all = new ArrayList<>(first);
        all.addAll(List.of(rest));
        return all.toArray(String[]::new);
    }

    private String space(int node) {
        return name + "-" + node;
    }

    @Override
    public String host(int node) {
        return subnet + "." + node;
    }

    @Override
    public List<String> before(int node) {
        return List.of("ip", "netns", "exec", space(node));
    }

    @Override
    public boolean breaks() {
        return true;
    }

    @Override
    public String description() {
        return "each in a network namespace of its own; slow links are "
                + (hasNetem ? "late and lose packets" : "narrow, as this kernel has no netem");
    }

    @Override
    public void cut(int node, Way way, int other) throws IOException {
        switch (way) {
            case FROM_ALL -> ip("link", "set", space(node), "down");
            case FROM_ONE -> {
                deafen(other, node);
                deafen(node, other);
            }
            default -> {
                for (int peer = 1; peer <= nodes; peer++) {
                    if (peer != node) {
                        deafen(peer, node);
                        if (way == Way.FROM_PEERS) {
                            deafen(node, peer);
                        }
                    }
                }
            }
        }
    }

    /** What one sends to the other is lost from now on. */
    private void deafen(int to, int from) throws IOException {
        inside(
                from,
                "neigh",
                "replace",
                host(to),
                "lladdr",
                NOBODY,
                "nud",
                "permanent",
                "dev",
                "eth0");
    }

    @Override
    public void slowDown(int node) throws IOException {
        if (!slowsBy(hasNetem ? LATE : NARROW, node)) {
            throw new IOException("tc makes no link slow here");
        }
    }

    /** Both directions: each end of the link queues what it sends. */
    private boolean slowsBy(String[] how, int node) {
        List<String> tc = List.of("tc", "qdisc", "replace", "dev", space(node), "root");
        List<String> inner =
                List.of("tc", "-n", space(node), "qdisc", "replace", "dev", "eth0", "root");
        return Commands.works(command(tc, how)) && Commands.works(command(inner, how));
    }

    @Override
    public void heal(int node) throws IOException {
        ip("link", "set", space(node), "up");
        var undoing = new ArrayList<String[]>();
        undoing.add(new String[] {"tc", "qdisc", "del", "dev", space(node), "root"});
        undoing.add(new String[] {"tc", "-n", space(node), "qdisc", "del", "dev", "eth0", "root"});
        for (int peer = 1; peer <= nodes; peer++) {
            if (peer != node) {
                undoing.add(forget(peer, node));
                undoing.add(forget(node, peer));
            }
        }
        Commands.undo(undoing);
    }

    private String[] forget(int node, int other) {
        return command(
                List.of("ip", "-n", space(node)), "neigh", "del", host(other), "dev", "eth0");
    }

    @Override
    public void close() {
        var undoing = new ArrayList<String[]>();
        for (int node = 1; node <= nodes; node++) {
            undoing.add(new String[] {"ip", "link", "del", space(node)});
            undoing.add(new String[] {"ip", "netns", "del", space(node)});
        }
        undoing.add(new String[] {"ip", "link", "del", name});
        Commands.undo(undoing);
    }
}
