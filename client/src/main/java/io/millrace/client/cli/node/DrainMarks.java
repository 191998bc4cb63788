package io.millrace.client.cli.node;

import static io.millrace.client.cli.text.Answers.get;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;

/** Which nodes get no new replicas: a setting of all brokers. */
record DrainMarks(Admin admin) {
    private static final String KEY = "millrace.drained.nodes";
    private static final ConfigResource ALL_BROKERS =
            new ConfigResource(ConfigResource.Type.BROKER, "");

    /** Their ids. Blocks. */
    Set<Integer> ids() {
        Config config = get(admin.describeConfigs(List.of(ALL_BROKERS)).all()).get(ALL_BROKERS);
        ConfigEntry entry = config == null ? null : config.get(KEY);
        String value = entry == null ? null : entry.value();
        String set = value == null ? "" : value;
        var ids = new TreeSet<Integer>();
        Arrays.stream(set.split(","))
                .map(String::strip)
                .filter(id -> id.matches("\\d{1,9}"))
                .forEach(id -> ids.add(Integer.parseInt(id)));
        return ids;
    }

    /** A node gets no more. Blocks. */
    void add(int node) {
        change(OpType.APPEND, Integer.toString(node));
    }

    /** A node gets some again. Blocks. */
    void remove(int node) {
        Set<Integer> ids = ids();
        if (ids.equals(Set.of(node))) {
            change(OpType.DELETE, "");
        } else if (ids.contains(node)) {
            change(OpType.SUBTRACT, Integer.toString(node));
        }
    }

    private void change(OpType operation, String value) {
        var change = new AlterConfigOp(new ConfigEntry(KEY, value), operation);
        get(admin.incrementalAlterConfigs(Map.of(ALL_BROKERS, List.of(change))).all());
    }
}
