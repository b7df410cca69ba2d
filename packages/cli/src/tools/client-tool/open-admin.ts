// The admin client of a tool. It fails as Kafka's does where an address makes no sense or no name resolves.
import { Admin, type ClientSettings, ConfigError } from "@ottla/client";
import { JavaException } from "../../options/java-exception.ts";
import { toolEnvironment } from "../../options/tool-client.ts";
import type { ToolHost } from "../../options/tool-host.ts";
import { checkBootstrapResolves } from "./resolvable-bootstrap.ts";

/** A client for brokers whose names were looked up. */
export async function openAdmin(host: ToolHost, settings: ClientSettings): Promise<Admin> {
  const admin = makeAdmin(host, settings);
  try {
    if (settings["bootstrap.servers"] !== undefined) await checkBootstrapResolves(settings, "admin", host);
    return admin;
  } catch (error) {
    await admin.close();
    throw error;
  }
}

/** A client, whether or not its brokers' names resolve. */
export function makeAdmin(host: ToolHost, settings: ClientSettings): Admin {
  try {
    return new Admin(settings, toolEnvironment(host));
  } catch (cause) {
    if (!(cause instanceof ConfigError) || !cause.key.startsWith("bootstrap.")) throw cause;
    const message = "Failed to create new KafkaAdminClient";
    throw new JavaException("org.apache.kafka.common.KafkaException", message, { cause });
  }
}
