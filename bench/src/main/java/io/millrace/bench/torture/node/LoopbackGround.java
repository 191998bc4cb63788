package io.millrace.bench.torture.node;

import io.millrace.bench.torture.plan.NodeFault.Way;
import java.util.List;

/** All nodes on the loopback address, where no link can be broken. */
final class LoopbackGround implements Ground {
    @Override
    public String host(int node) {
        return "127.0.0.1";
    }

    @Override
    public List<String> before(int node) {
        return List.of();
    }

    @Override
    public boolean breaks() {
        return false;
    }

    @Override
    public String description() {
        return "on the loopback address, as network namespaces need root and iproute2: no cut, no slow";
    }

    @Override
    public void cut(int node, Way way, int other) {
        throw new UnsupportedOperationException("the loopback address cannot be cut");
    }

    @Override
    public void slowDown(int node) {
        throw new UnsupportedOperationException("the loopback address cannot be slow");
    }

    @Override
    public void heal(int node) {}

    @Override
    public void close() {}
}
