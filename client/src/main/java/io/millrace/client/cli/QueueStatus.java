package io.millrace.client.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.client.cli.text.CliException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/**
 * What a group's queues look like, as the broker tells in a setting of the group that is read-only.
 * A broker without it tells nothing: the list is empty then.
 *
 * @param settings the group's settings
 * @param partitions its queues
 */
record QueueStatus(Map<String, String> settings, List<JsonNode> partitions) {
    private static final String STATUS = "millrace.queue.status";
    private static final ObjectMapper JSON = new ObjectMapper();

    static QueueStatus of(Admin admin, String group) {
        var resource = new ConfigResource(ConfigResource.Type.GROUP, group);
        Config config =
                Connection.get(admin.describeConfigs(List.of(resource)).all()).get(resource);
        var settings = new HashMap<String, String>();
        var partitions = new ArrayList<JsonNode>();
        if (config != null) {
            for (ConfigEntry entry : config.entries()) {
                String value = entry.value();
                if (entry.name().equals(STATUS) && value != null) {
                    parse(value).forEach(partitions::add);
                } else if (value != null) {
                    settings.put(entry.name(), value);
                }
            }
        }
        return new QueueStatus(settings, partitions);
    }

    /**
     * The same of a group that there is.
     *
     * @throws CliException if there is none
     */
    static QueueStatus existing(Admin admin, String group) {
        QueueStatus status = of(admin, group);
        if (status.partitions().isEmpty() && !exists(admin, group)) {
            throw new CliException(
                    "there is no queue %s: 'millrace queue list' names all".formatted(group));
        }
        return status;
    }

    /** Whether there is a share group of that name. */
    static boolean exists(Admin admin, String group) {
        try {
            Connection.get(admin.describeShareGroups(List.of(group)).all());
            return true;
        } catch (GroupIdNotFoundException e) {
            return false;
        }
    }

    private static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new CliException(
                    "the broker's description of the queues is not understood: " + e);
        }
    }

    String setting(String name) {
        return settings.getOrDefault(name, "");
    }

    long sum(String field) {
        return partitions.stream().mapToLong(each -> number(each, field)).sum();
    }

    /** Records that are not done: those that were never looked at too. */
    static long left(JsonNode partition) {
        return Math.max(0, number(partition, "logEnd") - number(partition, "end"))
                + number(partition, "available")
                + number(partition, "acquired")
                + number(partition, "resting")
                + number(partition, "waiting");
    }

    static long number(JsonNode node, String field) {
        return node.path(field).asLong();
    }
}
